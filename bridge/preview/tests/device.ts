/** A sound device that pulls, in place of the browser's: as much of Web Audio as the player uses, sample by sample. */

interface Ramp {
  from: number;
  value: number;
  to: number;
  target: number;
}

/** A gain's automation: held values and linear ramps, in order. */
class Param {
  private ramps: Ramp[] = [];

  constructor(public value: number) {}

  setValueAtTime(value: number, time: number): this {
    this.ramps.push({ from: time, value, to: time, target: value });
    return this;
  }

  linearRampToValueAtTime(target: number, time: number): this {
    const last = this.ramps.at(-1)!;
    this.ramps.push({ from: last.to, value: last.target, to: time, target });
    return this;
  }

  at(time: number): number {
    const ramp = this.ramps.findLast((r) => r.from <= time);
    if (!ramp) return this.value;
    if (time >= ramp.to) return ramp.target;
    return ramp.value + ((ramp.target - ramp.value) * (time - ramp.from)) / (ramp.to - ramp.from);
  }
}

class Gain {
  readonly gain: Param;

  constructor(_: Device, options: { gain?: number } = {}) {
    this.gain = new Param(options.gain ?? 1);
  }

  connect<T>(to: T): T {
    return to;
  }
}

class Analyser {
  fftSize = 256;

  connect<T>(to: T): T {
    return to;
  }

  getFloatTimeDomainData(): void {}
}

class Buffer {
  samples: Float32Array = new Float32Array();

  copyToChannel(samples: Float32Array): void {
    this.samples = samples;
  }
}

class Source {
  from = Infinity;
  to = Infinity;
  gain = new Gain(null as unknown as Device);
  readonly samples: Float32Array;

  constructor(device: Device, options: { buffer: Buffer }) {
    this.samples = options.buffer.samples;
    device.sources.push(this);
  }

  connect(gain: Gain): void {
    this.gain = gain;
  }

  start(time: number): void {
    this.from = time;
  }

  stop(time: number): void {
    this.to = time;
  }
}

/** What the player finds as globals of a browser. */
export const GLOBALS = {
  AudioBuffer: Buffer,
  AudioBufferSourceNode: Source,
  GainNode: Gain,
  AnalyserNode: Analyser,
};

export class Device {
  readonly state = "running";
  readonly destination = {};
  /** Every sample handed over, full scale 1. */
  readonly output: Float32Array;
  handed = 0;
  sources: Source[] = [];
  private stamp = { contextTime: 0, performanceTime: 0 };

  /** `seconds` of output at `rate` nominal samples a second, heard `latency` seconds after they are taken. */
  constructor(
    private readonly rate: number,
    private readonly latency: number,
    seconds: number,
  ) {
    this.output = new Float32Array(Math.ceil(seconds * rate) + rate);
  }

  get currentTime(): number {
    return this.handed / this.rate;
  }

  createGain(): Gain {
    return new Gain(this);
  }

  getOutputTimestamp(): AudioTimestamp {
    return this.stamp;
  }

  /** Take a block, at a time of the player's clock in seconds. */
  pull(block: number, local: number): void {
    const first = this.handed;
    for (const source of this.sources) this.mix(source, first, first + block);
    this.handed += block;
    this.sources = this.sources.filter((s) => Math.min(s.to, s.from + s.samples.length / this.rate) > this.currentTime);
    this.stamp = { contextTime: first / this.rate - this.latency, performanceTime: local * 1000 };
  }

  private mix(source: Source, first: number, end: number): void {
    const start = Math.round(source.from * this.rate);
    const stop = Math.min(end, start + source.samples.length, Math.round(source.to * this.rate));
    for (let i = Math.max(first, start); i < stop; i++) {
      this.output[i]! += source.samples[i - start]! * source.gain.gain.at(i / this.rate);
    }
  }
}
