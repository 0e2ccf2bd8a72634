/** The address of the character alone, for a browser source in OBS: shown, with the ground that is wished, to be copied. */

import { find } from "./dom";
import type { Options } from "./options";
import type { Texts } from "./texts";

/** Grounds that are offered, as CSS colours; the first is none. Saturated, as keyers expect them. */
const GROUNDS = { transparent: "", green: "#00ff00", blue: "#0000ff", magenta: "#ff00ff" } as const;
/** So long it says that it has copied, milliseconds. */
const TOLD = 2000;

export class Overlay {
  private readonly dialog = find<HTMLDialogElement>("overlay");
  private readonly ground = find<HTMLSelectElement>("overlay-ground");
  private readonly address = find<HTMLInputElement>("overlay-address");
  private readonly copy = find<HTMLButtonElement>("overlay-copy");

  /** `options` as they are now is what the address asks for. */
  constructor(
    private readonly words: Texts,
    private readonly options: Options,
  ) {
    for (const [name, colour] of Object.entries(GROUNDS)) {
      this.ground.add(new Option(words(name as keyof typeof GROUNDS), colour));
    }
    this.ground.addEventListener("change", () => this.show());
    this.address.addEventListener("focus", () => this.address.select());
    this.copy.addEventListener("click", () => void this.copied());
    find("show-overlay").addEventListener("click", () => (this.show(), this.dialog.showModal()));
  }

  private show(): void {
    this.address.value = overlayAddress(this.options, this.ground.value, document.baseURI);
    this.copy.textContent = this.words("copy");
  }

  /** Where the browser keeps the clipboard from the page, as without HTTPS, the address stands there selected. */
  private async copied(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.address.value);
      this.copy.textContent = this.words("copied");
      setTimeout(() => (this.copy.textContent = this.words("copy")), TOLD);
    } catch {
      this.address.focus();
    }
  }
}

/** This page's address with the same session, token, character and shot, the character alone on a ground. */
export function overlayAddress({ session, token, avatar, camera }: Options, ground: string, base: string): string {
  const wanted = { session, token, avatar, camera, overlay: "1", ground };
  const usual: Record<string, string> = { session: "main", avatar: "avatar.vrm", camera: "bust" };
  const url = new URL(base);
  url.search = url.hash = "";
  for (const [name, value] of Object.entries(wanted)) {
    if (value && value !== usual[name]) url.searchParams.set(name, value);
  }
  return url.href;
}
