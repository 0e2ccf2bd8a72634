import { expect, test } from "vitest";
import { readCharacter } from "../src/character";
import { checkPictures } from "../src/pictures";

const bytes = (...parts: (number | string)[]) =>
  new Uint8Array(parts.flatMap((part) => (typeof part === "string" ? [...part].map((c) => c.charCodeAt(0)) : [part]))).buffer;
const high = (n: number) => [(n >> 24) & 255, (n >> 16) & 255, (n >> 8) & 255, n & 255];
const png = (width: number, height: number) =>
  bytes("\x89PNG\r\n\x1a\n", ...high(13), "IHDR", ...high(width), ...high(height));
/** Up to the height, behind other parts and a byte that fills. */
const jpeg = (width: number, height: number) =>
  bytes(
    "\xff\xd8\xff\xe0\0\x06JFIF\xff\xff\xdb\0\x03\0\xff\xc2\0\x11\x08",
    ...high(height).slice(2),
    ...high(width).slice(2),
  );
const webp = (kind: string, ...rest: number[]) => bytes("RIFF\x1a\0\0\0WEBP", kind, ...rest, ...new Array<number>(8).fill(0));

test("pictures of a usual size pass", () => {
  const lossy = webp("VP8 ", 0, 0, 0, 0, 0, 0, 0, 0x9d, 0x01, 0x2a, 0, 4, 0, 4);
  const extended = webp("VP8X", 10, 0, 0, 0, 0, 0, 0, 0, 255, 3, 0, 255, 3, 0);
  expect(() => checkPictures([png(4096, 4096), jpeg(4096, 2048), lossy, extended])).not.toThrow();
});

test("what would unpack to gigabytes is told before", () => {
  expect(() => checkPictures([png(65535, 65535)])).toThrow("filePicture");
  expect(() => checkPictures([jpeg(65535, 16)])).toThrow("filePicture");
  expect(() => checkPictures([jpeg(16, 0)])).toThrow("filePicture");
  expect(() => checkPictures([webp("VP8L", 13, 0, 0, 0, 0x2f, 255, 255, 255, 15)])).toThrow("filePicture");
  expect(() => checkPictures([webp("VP8X", 10, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0)])).toThrow("filePicture");
  expect(() => checkPictures(new Array<ArrayBuffer>(5).fill(png(8192, 8192)))).toThrow("filePicture");
});

test("what is no picture of glTF's is told", () => {
  for (const other of ["", "GIF89a", "\x89PNG", "\xff\xd8", "\xff\xd8\xff\xda", "RIFF\0\0\0\0WEBPVP8L"]) {
    expect(() => checkPictures([bytes(other)])).toThrow("fileKind");
  }
});

/** A binary glTF of one picture. */
function glb(picture: ArrayBuffer): ArrayBuffer {
  const length = Math.ceil(picture.byteLength / 4) * 4;
  const document = {
    asset: { version: "2.0" },
    buffers: [{ byteLength: length }],
    bufferViews: [{ buffer: 0, byteLength: picture.byteLength }],
    images: [{ bufferView: 0, mimeType: "image/png" }],
    textures: [{ source: 0 }],
    materials: [{ pbrMetallicRoughness: { baseColorTexture: { index: 0 } } }],
  };
  const text = JSON.stringify(document);
  const json = text.padEnd(Math.ceil(text.length / 4) * 4);
  const little = (n: number) => high(n).reverse();
  const rest = [...new Uint8Array(picture), ...new Array<number>(length - picture.byteLength).fill(0)];
  const chunks = [...little(json.length), "JSON", json, ...little(length), "BIN\0", ...rest];
  return bytes("glTF", ...little(2), ...little(28 + json.length + length), ...chunks);
}

test("a character whose pictures are too large is not unpacked", async () => {
  await expect(readCharacter(glb(png(65535, 65535)))).rejects.toThrow("filePicture");
  await expect(readCharacter(glb(bytes("GIF89a")))).rejects.toThrow("fileKind");
  await expect(readCharacter(bytes('{"asset": {"version": "2.0"}, "images": [{"uri": "a.png"}]}'))).rejects.toThrow("fileParts");
});
