/** The messages of rigcast.v1 as the page uses them: times in seconds of the session, poses as floats. */

import { create, fromBinary, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { ClientMessageSchema, ServerMessageSchema, type ServerMessage } from "./gen/rigcast/v1/session_pb";
import type { AudioChunk, Frame, PlainFrame } from "./gen/rigcast/v1/stream_pb";

/** The WebSocket subprotocol: protobuf, binary. */
export const SUBPROTOCOL = "rigcast.v1";

/** The pose at one instant: arrays as in PlainFrame, `time` in seconds of the session. */
export interface Pose {
  time: number;
  curves: Float32Array;
  rotations: Float32Array;
  root: Float32Array;
}

/** Sound from `start` to `end`, seconds of the session. */
export interface Sound {
  start: number;
  end: number;
  samples: Int16Array;
}

export type ClientBody = NonNullable<MessageInitShape<typeof ClientMessageSchema>["body"]>;

/** The bytes of one client message. */
export function encode(body: ClientBody, requestId = 0): Uint8Array<ArrayBuffer> {
  return toBinary(ClientMessageSchema, create(ClientMessageSchema, { requestId, body }));
}

/** One server message; throws where the bytes are none. */
export function decode(bytes: ArrayBuffer): ServerMessage {
  return fromBinary(ServerMessageSchema, new Uint8Array(bytes));
}

/** Microseconds on the wire to seconds. */
export function seconds(us: bigint): number {
  return Number(us) / 1e6;
}

/** The floats of a packed frame; the scales are those of stream.proto. */
export function unpack(frame: Frame): Pose {
  return {
    time: seconds(frame.timeUs),
    curves: scaled(frame.curves, 16384),
    rotations: scaled(frame.rotations, 32767),
    root: scaled(frame.root, 8192),
  };
}

/** A plain frame as a pose. */
export function plain(frame: PlainFrame): Pose {
  return {
    time: seconds(frame.timeUs),
    curves: Float32Array.from(frame.curves),
    rotations: Float32Array.from(frame.rotations),
    root: Float32Array.from(frame.root),
  };
}

/** The samples of a chunk and the time they cover at `rate` samples a second. */
export function soundOf(chunk: AudioChunk, rate: number): Sound {
  const samples = int16(chunk.pcm);
  const start = seconds(chunk.timeUs);
  return { start, end: start + samples.length / rate, samples };
}

function scaled(bytes: Uint8Array, unit: number): Float32Array {
  return Float32Array.from(int16(bytes), (value) => value / unit);
}

/** Little-endian 16-bit integers; a DataView because protobuf's bytes need not be aligned. */
function int16(bytes: Uint8Array): Int16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Int16Array(bytes.byteLength >> 1);
  for (let i = 0; i < out.length; i++) out[i] = view.getInt16(2 * i, true);
  return out;
}
