/**
 * Where the play-head stands: session time against local time, both in seconds.
 *
 * The server tells its present in Welcome and Pong; arrival minus present, at its smallest, is the way there plus the
 * difference of the clocks ("base"). The play-head runs behind that by a delay that covers the jitter measured, the
 * latency of the sound device, and whatever came too late of late. Small errors are slewed away, large ones jumped; where
 * nothing more has come, the play-head stands still, as a sound card would.
 */

/** Observations kept, one a second: the base is the least of the newest BASE_WINDOW, drift and jitter use all. */
const WINDOW = 120;
const BASE_WINDOW = 20;
/** So many observations in a row late by more than JUMP mean that a clock was set or slept. */
const SURPRISE = 3;
/** Beyond this the play-head jumps instead of slewing, seconds. */
const JUMP = 0.1;
/** Delay on top of what was measured, seconds: one frame at 60 Hz, the server's tick. */
const GUARD = 0.017;
/** Jitter beyond this is left to `pause`, so that one hiccup does not slow every answer. */
const JITTER_MAX = 0.06;
/** The play-head never waits longer than this behind the server's present, seconds. */
const DELAY_MAX = 0.5;
/** How fast the play-head may be moved, seconds a second: 1/2000 is beyond hearing, 1/50 beyond seeing. */
const SLEW_SOUNDING = 0.0005;
const SLEW_SILENT = 0.02;
/** What came late is forgiven with this time constant, seconds of silence. */
const FORGIVE = 15;

interface Observation {
  local: number;
  offset: number;
}

export class Clock {
  /** Seconds from the moment sound is handed over until it is heard. */
  latency = 0;
  /** Times the play-head jumped, and seconds that it stood still because nothing was there to play. */
  jumps = 0;
  waited = 0;
  private seen: Observation[] = [];
  /** Local time minus session time at the play-head. */
  private offset = NaN;
  private base = NaN;
  private jitter = 0;
  /** Delay behind the base that late content asked for. */
  private patience = 0;
  private last = NaN;

  /** `lead` is how far the server sends ahead of its present at most, seconds. */
  constructor(private readonly lead = 0) {}

  /** True once the server's present is known. */
  get set(): boolean {
    return !Number.isNaN(this.offset);
  }

  /** The server's present was `session` when a message arrived at `local`. */
  observe(local: number, session: number): void {
    this.seen.push({ local, offset: local - session });
    if (this.seen.length > WINDOW) this.seen.shift();
    this.dropOutdated();
    this.base = Math.min(...this.seen.slice(-BASE_WINDOW).map((o) => o.offset));
    this.jitter = quantile(this.seen.slice(-BASE_WINDOW).map((o) => o.offset - this.base), 0.9);
    if (!this.set) this.offset = this.goal();
  }

  /** Content came late by so many seconds: wait for it. Returns how much of that was granted. */
  pause(late: number): number {
    const granted = Math.max(0, Math.min(late, this.base + DELAY_MAX - this.offset));
    if (granted === 0) return 0;
    this.offset += granted;
    this.patience = this.offset - this.base;
    return granted;
  }

  /**
   * Move the play-head towards where it should be; true when it jumped. Call often. `sounding` slews gently; `end` is the
   * session time up to which all has come.
   */
  advance(local: number, sounding: boolean, end: number): boolean {
    const elapsed = Math.max(0, local - (Number.isNaN(this.last) ? local : this.last));
    this.last = local;
    if (!this.set) return false;
    if (this.session(local) > end) return this.wait(Math.min(elapsed, this.session(local) - end), sounding);
    if (!sounding) this.patience *= Math.exp(-elapsed / FORGIVE);
    const error = this.goal() - this.offset;
    if (Math.abs(error) > JUMP) return this.jump(local, end);
    const step = elapsed * (sounding ? SLEW_SOUNDING : SLEW_SILENT);
    this.offset += Math.min(step, Math.max(-step, error));
    return false;
  }

  /** Session time at the play-head. */
  session(local: number): number {
    return local - this.offset;
  }

  /** Local time at which a session time is played. */
  local(session: number): number {
    return session + this.offset;
  }

  /** Seconds that the play-head stands behind the server's present. */
  get delay(): number {
    return this.offset - this.base;
  }

  /**
   * How fast the local clock runs against the session's, parts per million; NaN before 20 s are seen. Told by what was
   * least late in the first and in the last half: others say more of the way there, or of a busy page, than of clocks.
   */
  get drift(): number {
    const half = this.seen.length >> 1;
    const first = earliest(this.seen.slice(0, half));
    const last = earliest(this.seen.slice(half));
    if (!first || !last || this.seen.at(-1)!.local - this.seen[0]!.local < 20) return NaN;
    return ((last.offset - first.offset) / (last.local - first.local)) * 1e6;
  }

  /** Stand still. Only where sound is cut by it, that is reason to run later from now on. */
  private wait(seconds: number, sounding: boolean): boolean {
    this.offset += seconds;
    this.waited += seconds;
    if (sounding) this.patience = Math.min(DELAY_MAX, this.delay);
    return false;
  }

  /** Go where the play-head should be, but not past what proves to be the server's present; false if it is there. */
  private jump(local: number, end: number): boolean {
    const to = Math.max(this.goal(), local - end + this.lead);
    if (Math.abs(to - this.offset) < JUMP) return false;
    this.offset = to;
    this.jumps++;
    return true;
  }

  /** Away with what was seen before a clock was set: one observation earlier than ever tells, or several that are late. */
  private dropOutdated(): void {
    const newest = this.seen.slice(-SURPRISE);
    const late = newest.length === SURPRISE && newest.every((o) => o.offset > this.base + JUMP);
    if (late) this.seen = newest;
    if (late) this.patience = Math.max(0, this.offset - Math.min(...newest.map((o) => o.offset)));
    if (newest.at(-1)!.offset < this.base - JUMP) this.seen = newest.slice(-1);
  }

  private goal(): number {
    const measured = this.latency + Math.min(this.jitter, JITTER_MAX) + GUARD;
    return this.base + Math.min(DELAY_MAX, Math.max(measured, this.patience));
  }
}

function quantile(values: number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

/** The observation with the least offset. */
function earliest(points: Observation[]): Observation | undefined {
  return points.reduce<Observation | undefined>((best, p) => (best && best.offset <= p.offset ? best : p), undefined);
}
