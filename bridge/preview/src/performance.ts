/** One Welcome's stream: what arrives is kept by time, and at each instant it tells the pose, the sound and the events. */

import { Agenda } from "./agenda";
import { Clock } from "./clock";
import type { Rig } from "./gen/rigcast/v1/rig_pb";
import type { ServerMessage, Welcome } from "./gen/rigcast/v1/session_pb";
import type { Event as WireEvent } from "./gen/rigcast/v1/stream_pb";
import type { LocalTime } from "./localtime";
import { Player } from "./sound";
import { Follower, relaxedPose, Timeline } from "./timeline";
import { plain, seconds, soundOf, unpack, type Pose } from "./wire";

/** From drawing a picture to its light: one refresh of a 60 Hz screen. The face is sampled so much ahead of the ear. */
const DISPLAY = 1 / 60;
/** Further back than this the face goes at once, seconds. */
const BACK = 0.2;
/** Poses behind the play-head kept in case the clock has to wait, seconds. */
const PAST = 1;

interface Due {
  time: number;
  event: WireEvent;
}

export class Performance {
  readonly rig: Rig;
  readonly clock: Clock;
  readonly player: Player;
  /** Poses received, those that came too late to be shown, those the server left out, and chunks of sound received. */
  frames = 0;
  lateFrames = 0;
  droppedFrames = 0;
  chunks = 0;
  private readonly joined: number;
  private readonly timeline = new Timeline();
  private readonly agenda = new Agenda<Due>();
  private readonly follower: Follower;
  private wasAudible = false;
  private playhead = -Infinity;

  /** `welcome` must have a rig. */
  constructor(
    welcome: Welcome,
    private readonly local: LocalTime,
    private readonly display = DISPLAY,
  ) {
    this.rig = welcome.rig!;
    this.clock = new Clock(welcome.leadUs / 1e6);
    this.joined = seconds(welcome.nowUs);
    this.clock.latency = local.latency;
    this.clock.observe(local.now(), this.joined);
    this.player = new Player(this.clock, local, this.rig.audioRate);
    this.follower = new Follower(relaxedPose(this.rig.curves.length, this.rig.joints.map((joint) => joint.name)));
  }

  /** The pose of the last `advance`, easing where the stream has holes. */
  get pose(): Pose {
    return this.follower.pose;
  }

  /** False while the pose eases to rest or back, and so shows no instant of the stream. */
  get whole(): boolean {
    return this.follower.whole;
  }

  /** The server's present, at this very moment, in microseconds. */
  observe(nowUs: bigint): void {
    this.clock.observe(this.local.now(), seconds(nowUs));
  }

  /** Take in what belongs to the stream; other messages are left alone. */
  receive({ body }: ServerMessage): void {
    if (body.case === "frame") this.insert(unpack(body.value));
    else if (body.case === "plainFrame") this.insert(plain(body.value));
    else if (body.case === "audio") this.play(body.value);
    else if (body.case === "event") this.agenda.insert({ time: seconds(body.value.timeUs), event: body.value });
    else if (body.case === "forget") this.forget(seconds(body.value.timeUs));
    else if (body.case === "dropped") this.droppedFrames += body.value.frames;
  }

  /** Move on to the present, `elapsed` seconds after the last time: session time at the play-head, and what is due. */
  advance(moment: number, elapsed: number): { playhead: number; due: WireEvent[] } {
    const { clock, player, local } = this;
    clock.latency = local.audible ? local.latency : 0;
    const jumped = clock.advance(moment, player.sounding(clock.session(moment)), this.timeline.end);
    if (jumped || local.audible !== this.wasAudible) player.reschedule();
    this.wasAudible = local.audible;
    const playhead = this.forward(clock.session(moment));
    this.follower.follow(this.timeline, playhead + this.display, elapsed);
    this.timeline.prune(playhead - PAST);
    player.prune(playhead);
    return { playhead, due: this.agenda.due(playhead).map((item) => item.event) };
  }

  /** A face does not go back a little where the clock had to wait for the sound: it waits too. */
  private forward(playhead: number): number {
    this.playhead = playhead < this.playhead - BACK ? playhead : Math.max(this.playhead, playhead);
    return this.playhead;
  }

  private insert(pose: Pose): void {
    if (pose.curves.length !== this.rig.curves.length || pose.rotations.length !== 4 * this.rig.joints.length) return;
    this.frames++;
    if (pose.time < this.clock.session(this.local.now())) this.lateFrames++;
    this.timeline.insert(pose);
  }

  private play(chunk: Parameters<typeof soundOf>[0]): void {
    this.chunks++;
    this.player.push(soundOf(chunk, this.rig.audioRate), this.joined);
  }

  private forget(time: number): void {
    this.timeline.forget(time);
    this.player.forget(time);
    this.agenda.forget(time);
  }
}
