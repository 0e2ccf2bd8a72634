import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { ClientMessageSchema, ServerMessageSchema } from "../src/gen/rigcast/v1/session_pb";
import { AudioChunkSchema, FrameSchema } from "../src/gen/rigcast/v1/stream_pb";
import { decode, encode, seconds, soundOf, unpack } from "../src/wire";

describe("wire", () => {
  it("unpacks int16 poses at the scales of stream.proto", () => {
    const pose = unpack(
      create(FrameSchema, {
        timeUs: 1_500_000n,
        curves: Uint8Array.of(0x00, 0x40, 0x00, 0xe0, 0xff, 0x7f), // 16384, -8192, 32767
        rotations: Uint8Array.of(0, 0, 0x01, 0x80, 0, 0, 0xff, 0x7f), // 0, -32767, 0, 32767
        root: Uint8Array.of(0x00, 0x20, 0x00, 0x80, 0x01, 0x00), // 8192, -32768, 1
      }),
    );
    expect(pose.time).toBe(1.5);
    expect([...pose.curves]).toEqual([1, -0.5, Math.fround(32767 / 16384)]);
    expect([...pose.rotations]).toEqual([0, -1, 0, 1]);
    expect([...pose.root]).toEqual([1, -4, 1 / 8192]);
  });

  it("reads a frame from bytes at any alignment", () => {
    const frame = create(FrameSchema, { timeUs: 1n, sequence: 300, curves: Uint8Array.of(0x00, 0x40) });
    const bytes = toBinary(ServerMessageSchema, create(ServerMessageSchema, { body: { case: "frame", value: frame } }));
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    for (const buffer of [bytes.slice().buffer, shifted.buffer.slice(1)]) {
      const { body } = decode(buffer);
      if (body.case !== "frame") throw new Error(`a frame was sent, ${body.case} came`);
      expect([...unpack(body.value).curves]).toEqual([1]);
    }
  });

  it("tells where sound begins and ends", () => {
    const chunk = create(AudioChunkSchema, { timeUs: 2_000_000n, pcm: Uint8Array.of(1, 0, 0xff, 0xff, 0, 0x80) });
    const sound = soundOf(chunk, 24000);
    expect([...sound.samples]).toEqual([1, -1, -32768]);
    expect([sound.start, sound.end]).toEqual([2, 2 + 3 / 24000]);
  });

  it("keeps microseconds exact for years", () => {
    expect(seconds(9_007_199_254_740_991n)).toBe(9007199254.740991);
  });

  it("encodes what a client says, with its number", () => {
    const message = fromBinary(ClientMessageSchema, encode({ case: "say", value: { text: "你好", voice: "cmn" } }, 7));
    expect(message.requestId).toBe(7);
    expect(message.body).toMatchObject({ case: "say", value: { text: "你好", voice: "cmn", interrupt: false } });
  });

  it("throws at bytes that are no message", () => {
    expect(() => decode(Uint8Array.of(0xff, 0xff, 0xff).buffer)).toThrow();
  });
});
