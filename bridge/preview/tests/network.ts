/** The simulated world of proto/cases (its README says how): a server, a network, a sound device and a screen. */

import { create } from "@bufbuild/protobuf";
import { RigSchema } from "../src/gen/rigcast/v1/rig_pb";
import { ServerMessageSchema, WelcomeSchema, type ServerMessage } from "../src/gen/rigcast/v1/session_pb";
import { AudioChunkSchema, ForgetSchema, FrameSchema } from "../src/gen/rigcast/v1/stream_pb";
import { LocalTime } from "../src/localtime";
import { Performance } from "../src/performance";
import { Device } from "./device";

export interface World {
  audio_rate: number;
  frame_rate: number;
  curves: number;
  joints: number;
  tick_us: number;
  lead_us: number;
  epoch_us: number;
  local_epoch_us: number;
  device_block: number;
  device_latency_us: number;
  device_jitter_us: number;
  render_hz: number;
  render_jitter_us: number;
  phase_period_us: number;
  mark_period: number;
  mark_run: number;
  settle_us: number;
}

export interface Case {
  name: string;
  seed: number;
  duration_us: number;
  local_ppm: number;
  device_ppm: number;
  network: { base_us: number; jitter_us: number; loss: number; retransmit_us: number; datagram: boolean };
  sound: { begin_us: number; end_us: number }[];
  disturbance: null | { kind: string; begin_us: number; end_us: number; from_us?: number; silence_us?: number };
  expect: Record<string, number>;
}

/** What one image showed. Microseconds; NaN is not known. */
export interface Image {
  t: number;
  shown: number;
  heard: number;
  session: number;
  /** The server's present, and how far what is shown is behind it. */
  present: number;
  delay: number;
}

type Body = ServerMessage["body"];
type Action = () => void;

/** Uniform numbers in [0, 1) by splitmix64. */
function chance(seed: number): () => number {
  const mask = (1n << 64n) - 1n;
  let state = BigInt(seed);
  return () => {
    state = (state + 0x9e3779b97f4a7c15n) & mask;
    let z = state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
    return Number((z ^ (z >> 31n)) >> 11n) * 2 ** -53;
  };
}

/** Actions by time; those of one instant in the order of their rank, then of their coming. */
class Queue {
  private items: { t: number; rank: number; action: Action }[] = [];

  at(t: number, rank: number, action: Action): void {
    const before = this.items.findLastIndex((item) => item.t < t || (item.t === t && item.rank <= rank));
    this.items.splice(before + 1, 0, { t, rank, action });
  }

  next(): { t: number; action: Action } | undefined {
    return this.items.shift();
  }
}

/** Ranks: server, arrivals, device, renderer. */
const [SERVER, ARRIVAL, DEVICE, RENDERER] = [0, 1, 2, 3];

export class Simulation {
  readonly images: Image[] = [];
  performance!: Performance;
  /** Waiting counted by performances that ended. */
  private waited = 0;
  private t = 0;
  private readonly queue = new Queue();
  private readonly device: Device;
  private readonly local: LocalTime;
  private readonly rate: number;
  private readonly draw: Record<"network" | "device" | "renderer" | "pings", () => number>;
  private generation = 0;
  private session = 0;
  private joined = 0;
  /** True time less session time, of the server; the end of what it has emitted; the end of a Forget's silence. */
  private origin: number;
  private emitted: number;
  private voidFrom = Infinity;
  private voidUntil = -Infinity;
  private forgottenAt = Infinity;
  private sequence = 0;
  private lane = 0;
  private connection = 0;
  private connected = true;
  private lastImage = 0;

  constructor(
    private readonly world: World,
    private readonly plan: Case,
  ) {
    const [network, device, renderer, pings] = [0, 1000, 2000, 3000].map((more) => chance(plan.seed + more));
    this.draw = { network: network!, device: device!, renderer: renderer!, pings: pings! };
    this.rate = world.audio_rate * (1 + plan.device_ppm / 1e6);
    this.device = new Device(world.audio_rate, world.device_latency_us / 1e6, plan.duration_us / 1e6);
    this.local = new LocalTime(() => (world.local_epoch_us + this.t + (this.t * plan.local_ppm) / 1e6) / 1e6);
    this.local.attach(this.device as unknown as AudioContext);
    this.origin = -world.epoch_us;
    this.emitted = world.epoch_us;
  }

  run(): this {
    this.begin();
    this.disturb();
    this.pull(0);
    this.render(0);
    this.ping(0);
    for (let item = this.queue.next(); item && item.t < this.plan.duration_us; item = this.queue.next()) {
      this.t = item.t;
      item.action();
    }
    return this;
  }

  /** Microseconds in which the play-head stood still. */
  get underrun(): number {
    return (this.waited + this.performance.clock.waited) * 1e6;
  }

  /** The session time that an image shows, whole: the one nearest to the server's present. */
  timeOf(image: Image): number {
    return image.present - image.delay;
  }

  /** Images that show an instant in a spoken span, 100 ms or more from its ends and from a void, and sound none. */
  silent(): Image[] {
    const [from, to] = [this.voidFrom - 100_000, this.voidUntil + 100_000];
    return this.images.filter((image) => {
      const time = this.timeOf(image);
      return Number.isNaN(image.heard) && this.spoken(time - this.world.epoch_us, 100_000) && !(time >= from && time < to);
    });
  }

  private spoken(at: number, inset: number): boolean {
    return this.plan.sound.some(({ begin_us, end_us }) => at >= begin_us + inset && at < end_us - inset);
  }

  /** Images that sound what was taken back. */
  voided(): Image[] {
    return this.images.filter((image) => {
      const time = this.timeOf(image);
      const inside = time >= this.voidFrom + 20_000 && time < this.voidUntil - 20_000;
      return inside && image.t >= this.forgottenAt && !Number.isNaN(image.heard);
    });
  }

  // The server

  /** The server's present; it does not pass what was emitted. */
  private get present(): number {
    const d = this.plan.disturbance;
    const still = d?.kind === "server_stall" && this.t >= d.begin_us && this.t <= d.end_us;
    return still ? Math.min(this.t - this.origin, this.emitted) : this.t - this.origin;
  }

  private get stalled(): boolean {
    const d = this.plan.disturbance;
    return (d?.kind === "server_stall" || d?.kind === "server_restart") && this.t >= d.begin_us && this.t < d.end_us;
  }

  /** A session begins: Welcome, then a tick every so often. */
  private begin(): void {
    this.connection++;
    this.lane = this.t;
    const nowUs = BigInt(this.present);
    const welcome = create(WelcomeSchema, { nowUs, leadUs: this.world.lead_us, rig: this.rig() });
    this.send({ case: "welcome", value: welcome });
    this.tick();
  }

  private rig() {
    return create(RigSchema, {
      curves: Array.from({ length: this.world.curves }, (_, i) => `curve${i}`),
      joints: Array.from({ length: this.world.joints }, (_, i) => ({ name: `joint${i}`, parent: i - 1 })),
      frameRate: this.world.frame_rate,
      audioRate: this.world.audio_rate,
    });
  }

  private tick(): void {
    if (!this.stalled) this.emit(this.present + this.world.lead_us);
    this.queue.at(this.t + this.world.tick_us, SERVER, () => !this.stalled && this.tick());
  }

  private emit(until: number): void {
    if (until <= this.emitted) return;
    const [begin, end] = [this.emitted, until];
    this.emitted = until;
    for (const span of this.plan.sound) this.speak(span, begin, end);
    const [first, last] = [begin, end].map((us) => Math.ceil((us * this.world.frame_rate) / 1e6 - 1e-6));
    for (let k = first!; k < last!; k++) this.frame(Math.round((k * 1e6) / this.world.frame_rate));
  }

  private speak(span: { begin_us: number; end_us: number }, begin: number, end: number): void {
    const from = Math.max(begin, span.begin_us + this.world.epoch_us, this.voidUntil);
    const to = Math.min(end, span.end_us + this.world.epoch_us);
    if (to <= from) return;
    const [first, last] = [from, to].map((us) => Math.round((us * this.world.audio_rate) / 1e6));
    const marks = Int16Array.from({ length: last! - first! }, (_, i) => 1 + ((first! + i) % this.world.mark_period));
    const value = create(AudioChunkSchema, { timeUs: BigInt(Math.round(from)), pcm: new Uint8Array(marks.buffer) });
    this.send({ case: "audio", value });
  }

  private frame(us: number): void {
    const phi = (2 * Math.PI * us) / this.world.phase_period_us;
    const curves = new Float32Array(this.world.curves);
    curves.set([0.5 + 0.5 * Math.cos(phi), 0.5 + 0.5 * Math.sin(phi), 0.125 * this.generation, 0.125 * this.session]);
    const rotations = new Int16Array(4 * this.world.joints).map((_, i) => (i % 4 === 3 ? 32767 : 0));
    const value = create(FrameSchema, {
      timeUs: BigInt(us),
      sequence: this.sequence++,
      curves: bytes(Int16Array.from(curves, (weight) => Math.round(weight * 16384))),
      rotations: bytes(rotations),
      root: bytes(Int16Array.of(0, Math.round(0.1 * Math.sin(phi) * 8192), 0)),
    });
    this.send({ case: "frame", value });
  }

  private disturb(): void {
    const d = this.plan.disturbance;
    if (d?.kind === "server_stall") this.queue.at(d.end_us, SERVER, () => this.resume());
    if (d?.kind === "server_restart") this.queue.at(d.begin_us, SERVER, () => this.disconnect());
    if (d?.kind === "server_restart") this.queue.at(d.end_us, SERVER, () => this.restart());
    if (d?.kind === "forget") this.queue.at(d.begin_us, SERVER, () => this.forget(d.from_us!, d.silence_us!));
  }

  private resume(): void {
    this.origin += Math.max(0, this.t - this.origin - this.emitted);
    this.tick();
  }

  private disconnect(): void {
    this.connection++;
    this.connected = false;
  }

  private restart(): void {
    this.session++;
    this.connected = true;
    this.origin = this.t - this.world.epoch_us;
    this.emitted = this.world.epoch_us;
    this.begin();
  }

  private forget(from: number, silence: number): void {
    const grid = 1e6 / this.world.frame_rate;
    const time = Math.round(Math.ceil((this.present + from) / grid - 1e-6) * grid);
    const end = this.emitted;
    this.send({ case: "forget", value: create(ForgetSchema, { timeUs: BigInt(time) }) });
    this.generation++;
    this.voidFrom = time;
    this.voidUntil = time + silence;
    this.emitted = time;
    this.emit(end);
  }

  // The network

  private send(body: Body): void {
    const { base_us, jitter_us, loss, retransmit_us, datagram } = this.plan.network;
    const jitter = Math.floor(this.draw.network() * jitter_us);
    const lost = this.draw.network() < loss;
    const loose = datagram && body.case === "frame";
    if (loose && lost) return;
    const arrival = this.t + base_us + jitter + (lost ? retransmit_us : 0);
    this.deliver(arrival, loose, () => this.receive(body));
  }

  private deliver(arrival: number, loose: boolean, action: Action): void {
    const t = this.stall(loose ? arrival : (this.lane = Math.max(this.lane, arrival)));
    const { connection } = this;
    this.queue.at(t, ARRIVAL, () => connection === this.connection && action());
  }

  private stall(t: number): number {
    const d = this.plan.disturbance;
    return d?.kind === "network_stall" && t >= d.begin_us && t < d.end_us ? d.end_us : t;
  }

  private ping(t: number): void {
    this.queue.at(t, RENDERER, () => {
      this.ping(t + 1e6);
      if (!this.connected) return;
      const { base_us, jitter_us } = this.plan.network;
      const way = () => base_us + Math.floor(this.draw.pings() * jitter_us);
      this.queue.at(this.stall(this.t + way()), SERVER, () => this.pong(way()));
    });
  }

  private pong(delay: number): void {
    if (!this.connected) return;
    const d = this.plan.disturbance;
    if (d?.kind === "server_stall" && this.stalled) return this.queue.at(d.end_us, SERVER, () => this.pong(delay));
    const nowUs = BigInt(Math.round(this.present));
    this.deliver(this.t + delay, false, () => this.performance.observe(nowUs));
  }

  // The player

  private receive(body: Body): void {
    if (body.case === "forget") this.forgottenAt = this.t;
    if (body.case !== "welcome") return this.performance.receive(create(ServerMessageSchema, { body }));
    if (this.performance) {
      this.waited += this.performance.clock.waited;
      this.performance.player.clear();
    }
    this.joined = this.session;
    this.performance = new Performance(body.value, this.local, 0);
    this.performance.player.attach(this.device as unknown as AudioContext);
  }

  private pull(k: number): void {
    const due = (k * this.world.device_block * 1e6) / this.rate;
    const jitter = Math.floor(this.draw.device() * this.world.device_jitter_us);
    this.queue.at(due + jitter, DEVICE, () => {
      this.device.pull(this.world.device_block, this.localNow());
      this.pull(k + 1);
    });
  }

  private localNow(): number {
    return (this.world.local_epoch_us + this.t + (this.t * this.plan.local_ppm) / 1e6) / 1e6;
  }

  private render(n: number): void {
    const jitter = Math.floor(this.draw.renderer() * this.world.render_jitter_us);
    this.queue.at((n * 1e6) / this.world.render_hz + jitter, RENDERER, () => {
      if (this.performance) this.image();
      this.render(n + 1);
    });
  }

  private image(): void {
    const { performance, world } = this;
    const { playhead } = performance.advance(this.local.now(), (this.t - this.lastImage) / 1e6);
    this.lastImage = this.t;
    const [c0, c1] = performance.pose.curves;
    const turn = Math.atan2(2 * c1! - 1, 2 * c0! - 1) / (2 * Math.PI);
    // The page's own: a face that waits long eases to rest and back, and shows no instant; its play-head is taken then.
    const shown = performance.whole ? mod(turn, 1) * world.phase_period_us : mod(playhead * 1e6, world.phase_period_us);
    const present = this.present;
    const delay = wrapped(present - shown, world.phase_period_us);
    this.images.push({ t: this.t, shown, heard: this.heard(), session: this.joined, present, delay });
  }

  /** Session time modulo the marks' period that sounds now. */
  private heard(): number {
    const { mark_run, mark_period, audio_rate, device_latency_us } = this.world;
    const at = Math.floor(((this.t - device_latency_us) * this.rate) / 1e6);
    if (at < mark_run) return NaN;
    const run = Array.from(this.device.output.subarray(at - mark_run + 1, at + 1), (x) => x * 32768);
    const rises = run.every((x, i) => i === 0 || x >= run[i - 1]!);
    const rise = run.at(-1)! - run[0]!;
    if (!rises || Math.abs(rise - (mark_run - 1)) > 1.5 || run.at(-1)! < 1) return NaN;
    return (mod(run.at(-1)! - 1, mark_period) * 1e6) / audio_rate;
  }
}

function bytes(values: Int16Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values.buffer as ArrayBuffer);
}

export function mod(x: number, period: number): number {
  return ((x % period) + period) % period;
}

/** Into plus and minus half a period. */
export function wrapped(x: number, period: number): number {
  return mod(x + period / 2, period) - period / 2;
}
