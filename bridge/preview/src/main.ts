/** The page: what comes over the wire is kept by time, and every picture shows what is heard at that instant. */

import { Agenda } from "./agenda";
import { loadCharacter, type Character } from "./character";
import { Clock } from "./clock";
import { Connection, type State } from "./connection";
import type { Rig } from "./gen/rigcast/v1/rig_pb";
import type { Error as WireError, ServerMessage, Welcome } from "./gen/rigcast/v1/session_pb";
import { EndReason, type Event as WireEvent } from "./gen/rigcast/v1/stream_pb";
import { LocalTime } from "./localtime";
import { readOptions, serverAddress, socketAddress } from "./options";
import { Panel } from "./panel";
import { Plot, PLOTTED } from "./plot";
import { log, LOGGED, newProbe, seen, type Probe } from "./probe";
import { Player } from "./sound";
import { SHOTS, Stage, type Shot } from "./stage";
import { texts } from "./texts";
import { Follower, Timeline } from "./timeline";
import { plain, seconds, soundOf, unpack, type Pose } from "./wire";

declare global {
  interface Window {
    rigcast: Probe;
  }
}

/** From drawing a picture to its light: one refresh of a 60 Hz screen. The face is sampled so much ahead of the ear. */
const DISPLAY = 1 / 60;
/** Poses behind the play-head kept in case the clock has to wait, seconds. */
const PAST = 1;
/** The figures are rewritten so often, seconds. */
const REFRESH = 0.25;

interface Due {
  time: number;
  event: WireEvent;
}

/** Everything that belongs to one Welcome, and is begun anew with the next. */
interface Performance {
  rig: Rig;
  joined: number;
  timeline: Timeline;
  agenda: Agenda<Due>;
  follower: Follower;
  clock: Clock;
  player: Player;
  logged: number[];
  plotted: number[];
}

const options = readOptions(new URL(location.href), navigator.language);
const words = texts(options.language);
const probe = (window.rigcast = newProbe(options.session));
const local = new LocalTime();
const panel = new Panel(words, { say, stop, emotion, look, mute });
const plot = new Plot(document.getElementById("plot") as HTMLCanvasElement);
const connection = new Connection(socketAddress(options.token, document.baseURI), options.session, {
  state: changed,
  message: received,
  error: refused,
  pong: ponged,
});
let context: AudioContext | null = null;
let stage: Stage | null = null;
let character: Character | null = null;
let performing: Performance | null = null;
let muted = false;
let trip = NaN;
let lastDrawn = NaN;
let lastFigures = 0;
let wasAudible = false;

// What the user wants

function say(text: string, voice: string): void {
  panel.notice("");
  connection.send({ case: "say", value: { text, voice } });
}

function stop(): void {
  connection.send({ case: "interrupt", value: {} });
}

function emotion(name: string): void {
  connection.send({ case: "setEmotion", value: { emotion: name, intensity: 1 } });
}

function look(shot: Shot): void {
  stage?.look(shot);
  panel.shot(shot);
}

function mute(wish: boolean): void {
  muted = wish;
  performing?.player.mute(muted);
}

// What the server says

function changed(state: State): void {
  probe.state = state;
  panel.state(state);
  if (state === "live") panel.notice("");
}

function refused(error: WireError): void {
  probe.error = error.field ? `${error.field}: ${error.message}` : error.message;
  panel.notice(probe.error, probe.state !== "live");
}

function ponged(seconds_: number, nowUs: bigint): void {
  trip = Number.isNaN(trip) ? seconds_ : trip + 0.3 * (seconds_ - trip);
  performing?.clock.observe(local.now(), seconds(nowUs));
}

function received(message: ServerMessage): void {
  const body = message.body;
  if (body.case === "welcome") return welcome(body.value);
  if (!performing) return;
  const { timeline, player, agenda, joined, rig } = performing;
  switch (body.case) {
    case "frame":
      return posed(unpack(body.value));
    case "plainFrame":
      return posed(plain(body.value));
    case "audio":
      probe.audio.chunks++;
      return player.push(soundOf(body.value, rig.audioRate), joined);
    case "event":
      return agenda.insert({ time: seconds(body.value.timeUs), event: body.value });
    case "forget":
      for (const kept of [timeline, player, agenda]) kept.forget(seconds(body.value.timeUs));
      return;
    case "dropped":
      probe.droppedFrames += body.value.frames;
  }
}

function welcome(message: Welcome): void {
  const rig = message.rig;
  if (!rig) return;
  performing?.player.clear();
  const clock = new Clock();
  clock.latency = local.latency;
  clock.observe(local.now(), seconds(message.nowUs));
  performing = {
    rig,
    joined: seconds(message.nowUs),
    timeline: new Timeline(),
    agenda: new Agenda(),
    follower: new Follower(rig.curves.length, rig.joints.length),
    clock,
    player: new Player(clock, local, rig.audioRate),
    logged: LOGGED.map((name) => rig.curves.indexOf(name)),
    plotted: PLOTTED.map(([name]) => rig.curves.indexOf(name)),
  };
  panel.emotions(message.emotions);
  panel.emotion(message.emotions[0] ?? "");
  panel.ended("");
  openSound(rig.audioRate);
  bind();
}

function posed(pose: Pose): void {
  const { timeline, clock, rig } = performing!;
  if (pose.curves.length !== rig.curves.length || pose.rotations.length !== 4 * rig.joints.length) return;
  probe.frames++;
  if (pose.time < clock.session(local.now())) probe.lateFrames++;
  timeline.insert(pose);
}

// Sound

/** Browsers let sound begin only with a click or a key; until then the face goes by the page's clock. */
function openSound(rate: number): void {
  context ??= new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
  local.attach(context);
  performing!.player.attach(context);
  performing!.player.mute(muted);
  if (local.audible) performing!.player.reschedule();
  void context.resume();
}

function unlock(): void {
  if (context && context.state !== "running") void context.resume();
}

for (const gesture of ["pointerdown", "keydown", "touchend"]) addEventListener(gesture, unlock, { passive: true });

// The stage

function bind(): void {
  if (!character || !performing) return;
  probe.rig = character.bind(performing.rig);
  if (probe.rig.curves.length === 0) panel.notice(words("noCurves"), true);
}

async function enter(): Promise<void> {
  const url = serverAddress(options.avatar, options.token, document.baseURI);
  try {
    character = await loadCharacter(url.href);
  } catch (error) {
    panel.notice(words("noCharacter", { why: error instanceof Error ? error.message : String(error) }), true);
    return;
  }
  stage?.show(character);
  bind();
  probe.ready = true;
}

// Each picture

function draw(milliseconds: number): void {
  requestAnimationFrame(draw);
  const elapsed = Math.min(0.1, Math.max(0, (milliseconds - lastDrawn) / 1000 || 0));
  lastDrawn = milliseconds;
  if (performing) perform(performing, elapsed);
  stage?.draw(elapsed);
  if (milliseconds / 1000 - lastFigures > REFRESH) {
    lastFigures = milliseconds / 1000;
    refresh();
  }
}

function perform(now: Performance, elapsed: number): void {
  const { clock, player, timeline, follower, agenda } = now;
  const moment = local.now();
  clock.latency = local.audible ? local.latency : 0;
  const jumped = clock.advance(moment, player.sounding(clock.session(moment)));
  if (jumped || local.audible !== wasAudible) player.reschedule();
  wasAudible = local.audible;
  const playhead = clock.session(moment);
  follower.follow(timeline, playhead + DISPLAY, elapsed);
  character?.apply(follower.pose, elapsed);
  for (const due of agenda.due(playhead)) happen(due.event);
  timeline.prune(playhead - PAST);
  player.prune(playhead);
  record(now, moment, playhead);
}

function happen(event: WireEvent): void {
  const { case: kind, value } = event.kind;
  if (!kind) return;
  const { $typeName: _, ...details } = value;
  seen(probe, { us: Number(event.timeUs), kind, ...details });
  if (kind === "utteranceStarted") panel.started(value.text);
  if (kind === "word") panel.word(value.text);
  if (kind === "emotionChanged") panel.emotion(value.emotion);
  if (kind === "utteranceEnded") panel.ended(ending(value.reason, value.detail));
}

function ending(reason: EndReason, detail: string): string {
  if (reason === EndReason.FAILED) panel.notice(words("failed", { why: detail }));
  return words(reason === EndReason.FINISHED ? "ended" : "interrupted");
}

/** Keep what was shown for the plot and the probe. */
function record(now: Performance, moment: number, playhead: number): void {
  const { clock, player, follower } = now;
  const weights = follower.pose.curves;
  const level = player.level();
  const handed = context ? clock.session(moment + local.latency) : NaN;
  plot.add(playhead, now.plotted.map((i) => weights[i] ?? 0), level * 3);
  probe.playheadUs = playhead * 1e6;
  log(probe, {
    us: playhead * 1e6,
    soundUs: player.position(local.device(moment)) * 1e6,
    level,
    levelUs: handed * 1e6,
    curves: now.logged.map((i) => weights[i] ?? 0),
  });
}

function refresh(): void {
  if (!performing) return;
  const { clock, player, rig, follower } = performing;
  const { underruns, scheduled, lost, startedAt } = player;
  const { delay, drift, jumps } = clock;
  Object.assign(probe.audio, { state: context?.state ?? "none", underruns, scheduled, lost, startedAtUs: startedAt * 1e6 });
  probe.clock = { delay, latency: local.latency, drift, jumps };
  probe.rate = stage?.rate ?? 0;
  probe.curves = Object.fromEntries(rig.curves.map((name, i) => [name, follower.pose.curves[i]!]));
  panel.blocked(context?.state !== "running");
  panel.figures({
    latency: trip, delay, sync: skew(), rate: probe.rate, drift,
    late: probe.lateFrames, dropped: probe.droppedFrames, underruns,
  });
  if (!document.getElementById("figures")!.hidden) plot.draw();
}

/** How far the face ran ahead of the sound in the last pictures, seconds: the mean; NaN in silence. */
function skew(): number {
  const heard = probe.log.slice(-15).filter((entry) => !Number.isNaN(entry.soundUs));
  return heard.reduce((sum, entry) => sum + entry.us - entry.soundUs, 0) / 1e6 / heard.length;
}

function start(): void {
  document.documentElement.lang = options.language;
  document.body.classList.toggle("overlay", options.overlay);
  if (options.ground) document.body.style.background = options.ground;
  panel.state("connecting");
  panel.setVoice(options.voice);
  try {
    stage = new Stage(document.getElementById("stage") as HTMLCanvasElement);
  } catch {
    panel.notice(words("noGraphics"), true);
  }
  look(SHOTS.find((shot) => shot === options.camera) ?? "bust");
  connection.open();
  void enter();
  requestAnimationFrame(draw);
}

start();
