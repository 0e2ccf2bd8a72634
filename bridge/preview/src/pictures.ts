/** How large the pictures of a character are, as their heads tell, before a browser unpacks them: a few kilobytes may
 * become gigabytes. PNG: W3C PNG, 11.2.1. JPEG: ITU-T T.81, B.1.1.3 and B.2.2. WebP: RFC 9649, 2.5 to 2.7. */

import type { GLTFLoaderPlugin, GLTFParser } from "three/addons/loaders/GLTFLoader.js";
import { Unfit } from "./unfit";

/** Pixels of a side, and of all pictures together: a GiB unpacked. */
const LARGEST_SIDE = 8192;
const MOST_PIXELS = 2 ** 28;

/** A part of the loader that throws `Unfit` before anything is unpacked. */
export function pictures(parser: GLTFParser): GLTFLoaderPlugin {
  const images = (parser.json.images ?? []) as { bufferView?: number; uri?: string }[];
  return {
    name: "pictures",
    beforeRoot: async () => checkPictures(await Promise.all(images.map((image) => bytes(parser, image)))),
  };
}

async function bytes(parser: GLTFParser, image: { bufferView?: number; uri?: string }): Promise<ArrayBuffer> {
  if (image.bufferView !== undefined) return parser.getDependency("bufferView", image.bufferView) as Promise<ArrayBuffer>;
  if (!image.uri?.startsWith("data:")) throw new Unfit("fileParts");
  return (await fetch(image.uri)).arrayBuffer();
}

/** Throws `Unfit` where these are too large to unpack, or something else than glTF's pictures. */
export function checkPictures(files: ArrayBuffer[]): void {
  let pixels = 0;
  for (const file of files) {
    const { width, height } = size(new DataView(file));
    if (Math.max(width, height) > LARGEST_SIDE) {
      throw new Unfit("filePicture", { have: `${width} × ${height}`, all: `${LARGEST_SIDE} × ${LARGEST_SIDE}` });
    }
    pixels += width * height;
  }
  if (pixels > MOST_PIXELS) throw new Unfit("filePicture", { have: String(pixels), all: String(MOST_PIXELS) });
}

interface Size {
  width: number;
  height: number;
}

function size(data: DataView): Size {
  try {
    if (data.getUint32(0) === 0x89504e47) return { width: data.getUint32(16), height: data.getUint32(20) };
    if (data.getUint16(0) === 0xffd8) return jpeg(data);
    if (data.getUint32(0) === 0x52494646 && data.getUint32(8) === 0x57454250) return webp(data);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // it ends in its head
  }
  throw new Unfit("fileKind");
}

function jpeg(data: DataView): Size {
  for (let at = 2; ; ) {
    if (data.getUint8(at) !== 0xff) throw new Unfit("fileKind");
    while (data.getUint8(at) === 0xff) at++;
    const marker = data.getUint8(at++);
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame) return { width: data.getUint16(at + 5), height: data.getUint16(at + 3) || 0xffff }; // 0 is told later
    if (marker === 0xda || marker === 0xd9) throw new Unfit("fileKind");
    if (marker !== 0x01 && !(marker >= 0xd0 && marker <= 0xd7)) at += data.getUint16(at);
  }
}

function webp(data: DataView): Size {
  const three = (at: number) => data.getUint16(at, true) | (data.getUint8(at + 2) << 16);
  switch (data.getUint32(12)) {
    case 0x56503858: // VP8X
      return { width: 1 + three(24), height: 1 + three(27) };
    case 0x5650384c: { // VP8L
      const bits = data.getUint32(21, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
    }
    default:
      return { width: data.getUint16(26, true) & 0x3fff, height: data.getUint16(28, true) & 0x3fff };
  }
}
