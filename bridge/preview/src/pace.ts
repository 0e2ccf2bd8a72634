/** How much is drawn, by how fast the pictures come: less where a machine cannot keep up, more again where it can. */

/** Below this many pictures a second, so many seconds in a row, less is drawn... */
const SLOW = 40;
const PATIENCE = 2;
/** ...and above this, so many in a row, more; twice as many the next time where that proves too much. */
const FAST = 55;
const CALM = 20;
const CALMEST = 600;
/** Where drawing the least gains less than this, the pixels are not to blame: a screen of 30 Hz, a saver of batteries. */
const GAIN = 1.15;

export class Pace {
  /** Pictures a second over the last second. */
  rate = 0;
  /** Steps down from all there is, up to `least`. */
  level = 0;
  private since = NaN;
  private pictures = 0;
  private slow = 0;
  private fast = 0;
  private calm = CALM;
  private raised = false;
  private before = 0;
  private fixed = false;

  constructor(readonly least: number) {}

  /** A picture was drawn, at this time in milliseconds; true where `level` has changed. */
  picture(now: number): boolean {
    this.pictures++;
    const passed = now - this.since;
    if (passed < 1000) return false;
    this.rate = passed > 0 ? (this.pictures * 1000) / passed : this.rate;
    this.since = now;
    this.pictures = 0;
    return passed > 0 && this.second();
  }

  /** No pictures are due for a while, as in a hidden tab: that is no slowness. */
  pause(): void {
    this.since = NaN;
  }

  private second(): boolean {
    this.slow = this.rate < SLOW ? this.slow + 1 : 0;
    this.fast = this.rate > FAST ? this.fast + 1 : 0;
    if (this.slow >= PATIENCE) return this.down();
    return this.fast >= this.calm && this.up();
  }

  private down(): boolean {
    this.slow = 0;
    if (this.level === 0) this.before = this.rate;
    if (this.raised) this.calm = Math.min(CALMEST, 2 * this.calm);
    this.raised = false;
    if (this.fixed || this.least === 0) return false;
    this.fixed = this.level === this.least && this.rate < GAIN * this.before;
    if (this.level === this.least && !this.fixed) return false;
    this.level = this.fixed ? 0 : this.level + 1;
    return true;
  }

  private up(): boolean {
    this.fast = 0;
    if (this.level === 0) return false;
    this.level--;
    this.raised = true;
    return true;
  }
}
