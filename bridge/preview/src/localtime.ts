/** Local time in seconds, without a break: the sound device's clock while sound runs, the page's until then. */

/** Readings of the device are smoothed with this time constant, seconds; an error beyond STEP is taken over at once. */
const SMOOTH = 0.5;
const STEP = 0.05;
/** A device that stands still this long, seconds, is not trusted. */
const STUCK = 1;

export class LocalTime {
  /** Seconds from the moment sound is handed to the device until it is heard. */
  latency = 0;
  /** What the device sounded at the last `now`, in its own time, as it said; `device` of that instant is smoothed. */
  heard = NaN;
  private context: AudioContext | null = null;
  private onDevice = false;
  /** Local time minus the page's clock, and minus the device's. */
  private pageShift = 0;
  private deviceShift = 0;
  /** The device's clock minus the page's, smoothed. */
  private lead = 0;
  private lastPage = 0;
  private movedAt = 0;

  /** `page` is the page's clock, in seconds. */
  constructor(private readonly page: () => number = () => performance.now() / 1000) {}

  /** Follow this device from when it runs. */
  attach(context: AudioContext): void {
    this.context = context;
  }

  now(): number {
    const page = this.page();
    this.measure(page);
    const trusted = this.context?.state === "running" && this.heard > 0 && page - this.movedAt < STUCK;
    if (trusted !== this.onDevice) this.change(trusted, page);
    return this.value(page);
  }

  /** The device's time at which a sound is to start so that it is heard at a local time. */
  device(local: number): number {
    return local - this.deviceShift;
  }

  /** True while sound runs and rules the clock. */
  get audible(): boolean {
    return this.onDevice;
  }

  private value(page: number): number {
    return this.onDevice ? page + this.lead + this.deviceShift : page + this.pageShift;
  }

  private change(toDevice: boolean, page: number): void {
    const before = this.value(page);
    this.onDevice = toDevice;
    if (toDevice) this.deviceShift = before - page - this.lead;
    else this.pageShift = before - page;
  }

  private measure(page: number): void {
    if (this.context?.state !== "running") return;
    const heard = heardAt(this.context, page);
    if (heard !== this.heard) this.movedAt = page;
    const error = heard - page - this.lead;
    const share = Math.abs(error) > STEP || !this.onDevice ? 1 : 1 - Math.exp((this.lastPage - page) / SMOOTH);
    this.lead += share * error;
    this.latency += share * (Math.max(0, this.context.currentTime - heard) - this.latency);
    this.heard = heard;
    this.lastPage = page;
  }
}

/** What the ear hears now, in the device's time; from its own report, or else from the latency it states. */
function heardAt(context: AudioContext, page: number): number {
  const stamp = context.getOutputTimestamp?.();
  const reported = (stamp?.contextTime ?? 0) + page - (stamp?.performanceTime ?? 0) / 1000;
  const behind = context.currentTime - reported;
  if (stamp?.contextTime && behind > -0.1 && behind < 1) return reported;
  return Math.max(0, context.currentTime - (context.outputLatency || context.baseLatency || 0));
}
