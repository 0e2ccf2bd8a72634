/** The user's microphone, live into the session: recorded in the audio thread, sent in chunks of 20 ms. */

import { SampleFormat } from "./gen/rigcast/v1/session_pb";
import type { ServerMessage } from "./gen/rigcast/v1/session_pb";
import { EndReason } from "./gen/rigcast/v1/stream_pb";
import type { Key } from "./texts";
import type { ClientBody } from "./wire";

/** The line to the bridge: `send` asks for an answer and returns its id, `tell` does not. */
export interface Line {
  send(body: ClientBody): number;
  tell(body: ClientBody): void;
}

/** Recorded sound that arrives while the line is down or late is not kept; the bridge knows the gap by the index. */
export class Microphone {
  private stream: MediaStream | null = null;
  private context: AudioContext | null = null;
  private request = 0;
  private utterance = 0;
  private recorded = 0;
  private opening = false;

  /** `changed` is told whether it is on, and `failed` why it could not be. */
  constructor(
    private readonly line: Line,
    private readonly changed: (on: boolean) => void,
    private readonly failed: (why: Key) => void,
  ) {}

  get on(): boolean {
    return this.request > 0;
  }

  toggle(): void {
    if (this.on) this.stop();
    else if (!this.opening) void this.start();
  }

  /** Off; what was said is still heard to its end. */
  stop(): void {
    if (this.on) this.line.tell({ case: "endAudio", value: {} });
    this.release();
  }

  /** The line was lost: the bridge has ended the sound by itself. */
  release(): void {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    void this.context?.close();
    const was = this.on;
    this.stream = this.context = null;
    this.request = this.utterance = 0;
    if (was) this.changed(false);
  }

  /** Off, too, where the bridge refuses it or someone cuts it off. */
  receive({ body }: ServerMessage): void {
    if (!this.on) return;
    if (body.case === "accepted" && body.value.requestId === this.request) this.utterance = body.value.utterance;
    const event = body.case === "event" ? body.value.kind : null;
    if (event?.case !== "utteranceEnded" || event.value.utterance !== this.utterance) return;
    if (event.value.reason !== EndReason.FINISHED) this.release();
  }

  refused(request: number): void {
    if (this.on && request === this.request) this.release();
  }

  private async start(): Promise<void> {
    this.opening = true;
    try {
      await this.open();
    } catch (error) {
      this.release();
      this.failed(reason(error));
    } finally {
      this.opening = false;
    }
  }

  private async open(): Promise<void> {
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true } });
    this.context = new AudioContext({ latencyHint: "interactive" });
    await this.context.audioWorklet.addModule(new URL("recorder.js", document.baseURI));
    const recorder = new AudioWorkletNode(this.context, "recorder", { numberOfOutputs: 0 });
    recorder.port.onmessage = ({ data }: MessageEvent<Int16Array>) => this.record(data);
    this.recorded = 0;
    const value = { sampleRate: this.context.sampleRate, format: SampleFormat.S16, interrupt: true };
    this.request = this.line.send({ case: "startAudio", value });
    this.context.createMediaStreamSource(this.stream).connect(recorder);
    this.stream.getAudioTracks()[0]!.onended = () => this.stop(); // unplugged, or its permission taken back
    this.changed(true);
  }

  private record(samples: Int16Array): void {
    if (!this.on) return;
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    this.line.tell({ case: "pushAudio", value: { samples: bytes, firstSample: BigInt(this.recorded) } });
    this.recorded += samples.length;
  }
}

/** Why a browser gives no microphone, W3C Media Capture section 10.2; without HTTPS it has no mediaDevices at all. */
function reason(error: unknown): Key {
  if (!navigator.mediaDevices) return "micInsecure";
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "micDenied";
  return name === "NotFoundError" ? "micMissing" : "micBroken";
}
