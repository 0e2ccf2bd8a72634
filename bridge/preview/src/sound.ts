/** Plays chunks of sound at their session time, without a gap between neighbours. */

import type { Clock } from "./clock";
import type { LocalTime } from "./localtime";
import type { Sound } from "./wire";

/** A cut fades over this long while what takes its place fades in, so that the same sound goes on unchanged. Seconds. */
const FADE = 0.01;
/** Sound must be scheduled this far ahead of the device, seconds. */
const AHEAD = 0.005;
/** A neighbour follows its predecessor's end when that is at most this far from where the clock wants it, seconds... */
const SEAM = 0.03;
/** ...and is stretched by at most this share to meet the clock; 1/1000 is 1.7 cents of pitch. */
const STRETCH = 0.001;
/** Samples whose loudness is told. */
const WINDOW = 256;
/** Chunks kept until they are played, seconds of sound. */
const CAPACITY = 30;

/** A chunk on the device: heard from `from` to `to` in the device's time. */
interface Scheduled {
  sound: Sound;
  from: number;
  to: number;
  source: AudioBufferSourceNode;
  gain: GainNode;
  /** Faded out by a Forget: nothing may follow on its gain. */
  cut: boolean;
}

export class Player {
  /** Chunks scheduled, and how often a neighbour came too late to follow without a gap. */
  scheduled = 0;
  underruns = 0;
  /** Seconds that could not be played. */
  lost = 0;
  /** Session time of the first sound that was scheduled. */
  startedAt = NaN;
  private context: AudioContext | null = null;
  private output: GainNode | null = null;
  private analyser: AnalyserNode | null = null;
  private readonly window = new Float32Array(WINDOW);
  private waiting: Sound[] = [];
  private playing: Scheduled[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly local: LocalTime,
    readonly rate: number,
  ) {}

  /** Play on this device, once it runs: `reschedule` then. */
  attach(context: AudioContext): void {
    this.context = context;
    this.output = context.createGain();
    this.analyser = new AnalyserNode(context, { fftSize: WINDOW });
    this.output.connect(this.analyser).connect(context.destination);
  }

  mute(muted: boolean): void {
    if (this.context) this.output?.gain.setTargetAtTime(muted ? 0 : 1, this.context.currentTime, FADE / 4);
  }

  /** Take a chunk in. What began before `joined`, a session time, is played from its middle instead of awaited. */
  push(sound: Sound, joined: number): void {
    this.waiting.push(sound);
    while (this.waiting.length > 1 && sound.end - this.waiting[0]!.start > CAPACITY) this.waiting.shift();
    if (this.ready) this.schedule(sound, sound.start < joined);
  }

  /** Drop all at or after this session time; what sounds then fades out. */
  forget(time: number): void {
    this.waiting = this.waiting.filter((sound) => sound.start < time).map((sound) => this.head(sound, time));
    if (!this.context) return;
    const cut = Math.max(this.context.currentTime, this.local.device(this.clock.local(time)));
    for (const item of this.playing) if (item.sound.end > time) fadeOut(item, cut);
    this.playing = this.playing.filter((item) => item.from < cut);
    for (const item of this.playing) if (item.to > cut) this.cutShort(item, cut, time);
  }

  /** Stop everything at once and forget it. */
  clear(): void {
    this.silence();
    this.waiting = [];
  }

  /** Place everything anew: the clock jumped, or the device began to run. */
  reschedule(): void {
    if (!this.ready) return;
    this.silence();
    for (const sound of this.waiting) this.schedule(sound, true);
  }

  /** Drop what was played. */
  prune(playhead: number): void {
    this.waiting = this.waiting.filter((sound) => sound.end > playhead - 1);
    const now = this.context?.currentTime ?? 0;
    this.playing = this.playing.filter((item) => item.to > now - 1);
  }

  /** True while there is sound at the play-head or waiting behind it. */
  sounding(playhead: number): boolean {
    return this.waiting.some((sound) => sound.end > playhead);
  }

  /** The session time that the device sounds at one of its times; NaN in silence. */
  position(device: number): number {
    const item = this.playing.find((other) => other.from <= device && device < other.to);
    if (!item) return NaN;
    return item.sound.start + ((device - item.from) * (item.sound.end - item.sound.start)) / (item.to - item.from);
  }

  /** Root mean square of the last WINDOW samples handed to the device, 1 is full scale. */
  level(): number {
    if (!this.analyser) return 0;
    this.analyser.getFloatTimeDomainData(this.window);
    return Math.sqrt(this.window.reduce((sum, s) => sum + s * s, 0) / WINDOW);
  }

  private get ready(): boolean {
    return this.context?.state === "running" && this.local.audible && this.clock.set;
  }

  private schedule(sound: Sound, trim: boolean): void {
    const before = this.playing.at(-1);
    const wanted = this.local.device(this.clock.local(sound.start));
    if (before && !before.cut && this.neighbours(before.sound, sound) && Math.abs(wanted - before.to) < SEAM) {
      this.follow(before, sound);
    } else {
      this.begin(sound, wanted, trim);
    }
  }

  private neighbours(before: Sound, after: Sound): boolean {
    return Math.abs(after.start - before.end) < 1.5 / this.rate;
  }

  /** Play right after the predecessor, stretched to end where the clock wants it. */
  private follow(before: Scheduled, sound: Sound): void {
    const earliest = this.context!.currentTime + AHEAD;
    if (before.to < earliest) {
      this.underruns++;
      this.begin(sound, before.to, false);
      return;
    }
    const count = sound.samples.length;
    const fit = Math.round((this.local.device(this.clock.local(sound.end)) - before.to) * this.rate);
    const slack = Math.ceil(count * STRETCH);
    this.play(sound, before.to, Math.min(count + slack, Math.max(count - slack, fit)), before.gain);
  }

  /** Play at a time of the device; if that is past, the clock waits, and what it does not grant is skipped. */
  private begin(sound: Sound, wanted: number, trim: boolean): void {
    const earliest = this.context!.currentTime + AHEAD;
    const late = Math.max(0, earliest - wanted);
    const granted = trim ? 0 : this.clock.pause(late);
    const skip = Math.min(sound.samples.length, Math.round((late - granted) * this.rate));
    if (!trim) this.lost += skip / this.rate;
    if (skip === sound.samples.length) return;
    const rest = skip ? this.tail(sound, skip) : sound;
    const from = Math.round((wanted + late) * this.rate) / this.rate;
    this.play(rest, from, rest.samples.length, this.gain(from, skip > 0 || this.playing.at(-1)?.cut === true));
  }

  /** The gain of a new run of chunks. */
  private gain(from: number, fadeIn: boolean): GainNode {
    const gain = new GainNode(this.context!, { gain: fadeIn ? 0 : 1 });
    if (fadeIn) gain.gain.setValueAtTime(0, from).linearRampToValueAtTime(1, from + FADE);
    gain.connect(this.output!);
    return gain;
  }

  private play(sound: Sound, from: number, count: number, gain: GainNode): void {
    const buffer = new AudioBuffer({ length: count, sampleRate: this.rate });
    buffer.copyToChannel(stretched(sound.samples, count), 0);
    const source = new AudioBufferSourceNode(this.context!, { buffer });
    source.connect(gain);
    source.start(from);
    this.playing.push({ sound, from, to: from + count / this.rate, source, gain, cut: false });
    this.scheduled++;
    if (Number.isNaN(this.startedAt)) this.startedAt = sound.start;
  }

  private silence(): void {
    const now = this.context?.currentTime ?? 0;
    for (const item of this.playing) fadeOut(item, now);
    this.playing = [];
  }

  /** What remains of a chunk that is cut while it sounds. */
  private cutShort(item: Scheduled, cut: number, time: number): void {
    item.sound = this.head(item.sound, time);
    item.to = cut;
    item.cut = true;
  }

  private head(sound: Sound, end: number): Sound {
    if (sound.end <= end) return sound;
    return { ...sound, end, samples: sound.samples.subarray(0, Math.round((end - sound.start) * this.rate)) };
  }

  private tail(sound: Sound, skip: number): Sound {
    return { ...sound, start: sound.start + skip / this.rate, samples: sound.samples.subarray(skip) };
  }
}

function fadeOut(item: Scheduled, cut: number): void {
  item.gain.gain.setValueAtTime(1, cut).linearRampToValueAtTime(0, cut + FADE);
  item.source.stop(cut + FADE);
}

/** 16-bit samples as floats, resampled to `count` by Catmull-Rom splines where that differs from their number. */
export function stretched(samples: Int16Array, count: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count);
  const step = samples.length / count;
  for (let i = 0; i < count; i++) out[i] = (step === 1 ? samples[i]! : spline(samples, i * step)) / 32768;
  return out;
}

function spline(samples: Int16Array, x: number): number {
  const i = Math.floor(x);
  const t = x - i;
  const at = (k: number) => samples[Math.min(samples.length - 1, Math.max(0, k))]!;
  const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}
