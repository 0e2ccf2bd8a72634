/**
 * `window.rigcast`: the page's state as plain data, for tests and for the curious. Times of the session are in
 * microseconds as on the wire; nothing here is read by the page itself.
 */

import type { State } from "./connection";
import type { RigReport } from "./character";

/** What was on the face at one picture. */
export interface LogEntry {
  /** Session time that is heard; the face was sampled for the screen's next refresh, 1/60 s later. */
  us: number;
  /** Session time of the sound at the device's own play-head; NaN in silence. */
  soundUs: number;
  /** Loudness (RMS, 1 is full scale) of the 256 samples last handed to the device, and the session time of their end. */
  level: number;
  levelUs: number;
  /** Weights in the order of `logged`. */
  curves: number[];
}

export interface SeenEvent {
  us: number;
  kind: string;
  [detail: string]: unknown;
}

export interface Probe {
  /** The connection; `error` is the last thing the server refused, in its words. */
  state: State;
  error: string;
  session: string;
  /** Whether the microphone is on. */
  mic: boolean;
  /** Session time at the play-head; NaN before the clock is set. */
  playheadUs: number;
  /** Poses received, those received too late to be shown, and those the server left out. */
  frames: number;
  lateFrames: number;
  droppedFrames: number;
  audio: {
    /** "none", "suspended" (a click is needed), "running". */
    state: string;
    chunks: number;
    scheduled: number;
    underruns: number;
    /** Seconds of sound that came too late to be played at all. */
    lost: number;
    /** Session time of the first sound scheduled; NaN before. */
    startedAtUs: number;
  };
  /** Seconds; see Clock. */
  clock: { delay: number; latency: number; drift: number; jumps: number };
  rate: number;
  /** Pictures drawn, what the last one gave the GPU to do, and the steps from the finest picture to it. */
  work: { pictures: number; calls: number; triangles: number; level: number };
  /** Curves of the pose last shown, by name. */
  curves: Record<string, number>;
  /** Names of LogEntry.curves, and the log of the last 30 s, oldest first. */
  logged: string[];
  log: LogEntry[];
  /** Events whose time the play-head has passed, the last 500. */
  events: SeenEvent[];
  rig: RigReport | null;
  /** True once the character is on the stage. */
  ready: boolean;
}

/** Curves that the log keeps: those that open, close and shape the lips, and a lid. */
export const LOGGED = [
  "jawOpen",
  "mouthClose",
  "mouthPucker",
  "mouthFunnel",
  "mouthRollLower",
  "mouthRollUpper",
  "mouthPressLeft",
  "mouthLowerDownLeft",
  "mouthUpperUpLeft",
  "mouthShrugLower",
  "tongueOut",
  "eyeBlinkLeft",
];
const LOG_US = 30e6;
const EVENTS = 500;

export function newProbe(session: string): Probe {
  return {
    state: "connecting",
    error: "",
    mic: false,
    session,
    playheadUs: NaN,
    frames: 0,
    lateFrames: 0,
    droppedFrames: 0,
    audio: { state: "none", chunks: 0, scheduled: 0, underruns: 0, lost: 0, startedAtUs: NaN },
    clock: { delay: NaN, latency: 0, drift: NaN, jumps: 0 },
    rate: 0,
    work: { pictures: 0, calls: 0, triangles: 0, level: 0 },
    curves: {},
    logged: LOGGED,
    log: [],
    events: [],
    rig: null,
    ready: false,
  };
}

export function log(probe: Probe, entry: LogEntry): void {
  probe.log.push(entry);
  while (probe.log[0] && probe.log[0].us < entry.us - LOG_US) probe.log.shift();
}

export function seen(probe: Probe, event: SeenEvent): void {
  probe.events.push(event);
  if (probe.events.length > EVENTS) probe.events.shift();
}
