import type { Key } from "./texts";

/** A file that cannot be a character: `key` names the page's words for it. */
export class Unfit extends Error {
  constructor(
    readonly key: Key,
    readonly values: Record<string, string> = {},
  ) {
    super(key);
  }
}
