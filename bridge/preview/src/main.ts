/** The page: joins the connection, the performance, the stage and the panel, and draws. */

import { Barred, loadCharacter, type Character } from "./character";
import { Connection, type State } from "./connection";
import { find } from "./dom";
import type { Error as WireError, ServerMessage, Welcome } from "./gen/rigcast/v1/session_pb";
import { EndReason, type Event as WireEvent } from "./gen/rigcast/v1/stream_pb";
import { Inspector } from "./inspector";
import { LocalTime } from "./localtime";
import { Microphone } from "./microphone";
import { readOptions, serverAddress, socketAddress } from "./options";
import { Overlay } from "./overlay";
import { Panel } from "./panel";
import { Performance } from "./performance";
import { Plot, PLOTTED } from "./plot";
import { log, LOGGED, newProbe, seen, type Probe } from "./probe";
import { SHOTS, Stage, type Shot } from "./stage";
import { texts } from "./texts";
import { reason, Wardrobe } from "./wardrobe";

declare global {
  interface Window {
    rigcast: Probe;
  }
}

/** The performance moves on at least so often, seconds. */
const BEAT = 1 / 60;
/** A longer pause between pictures counts as this to hair and camera, seconds. */
const LONGEST = 0.1;
/** The figures are rewritten so often, seconds. */
const REFRESH = 0.25;
/** A ping's share in the latency shown. */
const SMOOTH = 0.3;

const options = readOptions(new URL(location.href), navigator.language);
const words = texts(options.language);
const probe = (window.rigcast = newProbe(options.session));
const local = new LocalTime();
const panel = new Panel(words, { say, stop, emotion, look, mute, mic });
const plot = new Plot(find("plot"));
const inspector = new Inspector(find("curves"), find("inspector"));
const connection = new Connection(socketAddress(options.token, document.baseURI), options.session, {
  state: changed,
  message: received,
  error: refused,
  barred: () => panel.notice(words("barred"), true),
  pong: ponged,
});
const microphone = new Microphone(connection, micChanged, (why) => notice(words(why)));
let entering = false;
let context: AudioContext | null = null;
let stage: Stage | null = null;
let character: Character | null = null;
let performing: Performance | null = null;
let muted = false;
/** What keeps the character off the stage, in words: told until that is over. */
let trouble = "";
let trip = NaN;
let lastDrawn = 0;
let lastBeat = 0;
let lastFigures = 0;

// What the user wants

function say(text: string, voice: string): void {
  notice("");
  connection.send({ case: "say", value: { text, voice, interrupt: microphone.on } }); // else it would wait for its end
}

function stop(): void {
  connection.send({ case: "interrupt", value: {} });
}

function emotion(name: string): void {
  connection.send({ case: "setEmotion", value: { emotion: name, intensity: 1 } });
}

function look(shot: Shot): void {
  options.camera = shot;
  stage?.look(shot);
  panel.shot(shot);
}

function mute(wish: boolean): void {
  muted = wish;
  performing?.player.mute(muted || microphone.on);
}

function mic(): void {
  notice("");
  microphone.toggle();
}

/** Who speaks does not want to hear the own voice again, a moment later. */
function micChanged(on: boolean): void {
  probe.mic = on;
  panel.mic(on);
  mute(muted);
}

// What the server says

function changed(state: State): void {
  probe.state = state;
  panel.state(state);
  if (state !== "live") return microphone.release();
  notice("");
  if (!character) void enter();
}

/** Tell something for a while; empty takes it away, but not what keeps the character off the stage. */
function notice(why: string): void {
  if (why) panel.notice(why);
  else panel.notice(trouble, true);
}

function refused(error: WireError): void {
  microphone.refused(error.requestId);
  probe.error = error.field ? `${error.field}: ${error.message}` : error.message;
  panel.notice(probe.error, probe.state !== "live");
}

function ponged(seconds: number, nowUs: bigint): void {
  trip = Number.isNaN(trip) ? seconds : trip + SMOOTH * (seconds - trip);
  performing?.observe(nowUs);
}

function received(message: ServerMessage): void {
  microphone.receive(message);
  if (message.body.case === "welcome") welcome(message.body.value);
  else performing?.receive(message);
}

function welcome(message: Welcome): void {
  if (!message.rig) return;
  performing?.player.clear();
  performing = new Performance(message, local);
  panel.emotions(message.emotions);
  panel.emotion(message.emotions[0] ?? "");
  stage?.cover(panel.covers);
  panel.ended("");
  panel.mic(microphone.on, message.noLiveAudio);
  openSound(performing);
  bind();
}

// Sound

/** Browsers let sound begin only with a click or a key; until then the face goes by the page's clock. */
function openSound({ player, rig }: Performance): void {
  context ??= newContext(rig.audioRate);
  local.attach(context);
  player.attach(context);
  player.mute(muted || microphone.on);
  unlock();
}

/** At the stream's own rate, where the browser allows it: then every sample is played as it was sent. */
function newContext(sampleRate: number): AudioContext {
  try {
    return new AudioContext({ sampleRate, latencyHint: "interactive" });
  } catch {
    return new AudioContext();
  }
}

function unlock(): void {
  if (context && context.state !== "running") context.resume().catch(() => undefined); // the badge tells that it waits
}

for (const gesture of ["pointerdown", "keydown", "touchend"]) addEventListener(gesture, unlock, { passive: true });

// The stage

/** Fetch the character, unless it is under way; what failed is tried again when the server is back. */
async function enter(): Promise<void> {
  if (entering || !stage) return;
  entering = true;
  const url = serverAddress(options.avatar, options.token, document.baseURI);
  await loading(loadCharacter(url.href).then(wear)).catch(unworn);
  entering = false;
}

/** Tell that a character is being loaded for as long as it takes. */
async function loading<T>(work: Promise<T>): Promise<T> {
  panel.loading(true);
  return work.finally(() => panel.loading(false));
}

function unworn(error: unknown): void {
  const why = reason(error, words);
  if (error instanceof Barred) return panel.notice(words("barred"), true);
  trouble = words("noCharacter", { why });
  notice("");
}

async function wear(next: Character): Promise<void> {
  character = next;
  bind();
  if (performing) character.apply(performing.pose, 0);
  await stage?.show(character);
  probe.ready = true;
  document.documentElement.classList.add("aired");
  if (!trouble) return;
  trouble = "";
  notice("");
}

function bind(): void {
  if (!character || !performing) return;
  probe.rig = character.bind(performing.rig);
  inspector.bind(performing.rig.curves);
  if (probe.rig.curves.length === 0) panel.notice(words("noCurves"), true);
}

// Each picture

/** Move on and draw; the timer below moves on where pictures come too slowly, or not at all in a hidden tab. */
function draw(): void {
  requestAnimationFrame(draw);
  beat();
  if (!stage?.free) return;
  const now = performance.now() / 1000;
  const elapsed = Math.min(LONGEST, now - lastDrawn);
  lastDrawn = now;
  if (performing) character?.apply(performing.pose, elapsed);
  stage.draw(elapsed);
  const { frame, calls, triangles } = stage.renderer.info.render;
  Object.assign(probe.work, { pictures: frame, calls, triangles, level: stage.level });
}

/** Bring the performance to the present. */
function beat(): void {
  const now = performance.now() / 1000;
  if (!performing || now - lastBeat < BEAT / 2) return;
  perform(performing, now - lastBeat);
  lastBeat = now;
  if (now - lastFigures < REFRESH) return;
  tell(performing);
  lastFigures = now;
}

function perform(now: Performance, elapsed: number): void {
  const moment = local.now();
  const { playhead, due } = now.advance(moment, elapsed);
  inspector.over(now.pose.curves);
  due.forEach(happen);
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
function record({ clock, player, pose, rig }: Performance, moment: number, playhead: number): void {
  const weight = (name: string) => pose.curves[rig.curves.indexOf(name)] ?? 0;
  const level = player.level();
  plot.add(playhead, PLOTTED.map(([name]) => weight(name)), level);
  probe.playheadUs = playhead * 1e6;
  log(probe, {
    us: probe.playheadUs,
    soundUs: player.position(local.heard) * 1e6,
    level,
    levelUs: clock.session(moment + local.latency) * 1e6,
    curves: LOGGED.map(weight),
  });
}

/** Rewrite the probe's and the panel's figures. */
function tell({ clock, player, pose, rig, frames, lateFrames, droppedFrames, chunks }: Performance): void {
  const { underruns, scheduled, lost } = player;
  const { delay, drift, jumps } = clock;
  const rate = stage?.rate ?? 0;
  const state = context?.state ?? "none";
  Object.assign(probe, { frames, lateFrames, droppedFrames, rate });
  probe.audio = { state, chunks, scheduled, underruns, lost, startedAtUs: player.startedAt * 1e6 };
  probe.clock = { delay, latency: local.latency, drift, jumps };
  probe.curves = Object.fromEntries(rig.curves.map((name, i) => [name, pose.curves[i]!]));
  panel.blocked(state !== "running");
  panel.figures({
    latency: trip, delay, drift, rate, underruns, sync: skew(), late: lateFrames, dropped: droppedFrames,
  });
  if (!find("figures").hidden) plot.draw();
}

/** How far the face ran ahead of the sound in the last pictures, seconds: the mean; NaN in silence. */
function skew(): number {
  const heard = probe.log.slice(-15).filter((entry) => !Number.isNaN(entry.soundUs));
  return heard.reduce((sum, entry) => sum + entry.us - entry.soundUs, 0) / 1e6 / heard.length;
}

function start(): void {
  document.documentElement.lang = options.language;
  document.documentElement.classList.toggle("overlay", options.overlay);
  if (options.ground) document.body.style.background = options.ground;
  panel.state("connecting");
  panel.setVoice(options.voice);
  try {
    stage = new Stage(find("stage"), options.pixels);
  } catch {
    trouble = words("noGraphics");
    notice("");
  }
  const rig = () => performing?.rig ?? null;
  new Wardrobe(words, { rig, wear: (next) => void wear(next).catch(unworn), notice, loading });
  new Overlay(words, options);
  look(SHOTS.find((shot) => shot === options.camera) ?? "bust");
  addEventListener("resize", () => stage?.cover(panel.covers));
  connection.open();
  void enter();
  requestAnimationFrame(draw);
  setInterval(beat, BEAT * 1000);
}

start();
