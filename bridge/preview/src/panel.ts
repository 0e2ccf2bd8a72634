/** What people see and press: the text box, the buttons, the figures. Knows nothing of sockets, clocks and poses. */

import type { State } from "./connection";
import { find } from "./dom";
import { PLOTTED } from "./plot";
import { SHOTS, type Shot } from "./stage";
import { emotionName, fillIn, type Texts } from "./texts";

/** What the panel asks for. */
export interface Wishes {
  say(text: string, voice: string): void;
  stop(): void;
  emotion(name: string): void;
  look(shot: Shot): void;
  mute(muted: boolean): void;
  mic(): void;
}

/** The figures; seconds but for `rate` (a second), `drift` (parts per million) and the counts. NaN is not known. */
export interface Figures {
  latency: number;
  delay: number;
  sync: number;
  rate: number;
  drift: number;
  late: number;
  dropped: number;
  underruns: number;
}

/** A notice goes away by itself after this, milliseconds. */
const NOTICE = 8000;
/** Face and sound further apart than this are flagged, seconds: half of what EBU R37 allows in production. */
const SYNC_WARN = 0.02;

const SPEAKER = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 9.5v5h3.5L12 19V5L7.5 9.5z';
const LOUD = `${SPEAKER}M15.5 8.5a5 5 0 0 1 0 7M18 6a8.5 8.5 0 0 1 0 12" /></svg>`;
const QUIET = `${SPEAKER}M16 9.5l5 5M21 9.5l-5 5" /></svg>`;

/** Cards that a button shows and hides. */
const CARDS = ["figures", "inspector"];

function show(card: string, shown: boolean): void {
  find(card).hidden = !shown;
  find(`toggle-${card}`).setAttribute("aria-expanded", String(shown));
}

/** A figure for people: a dash where it is not known, a true minus, and no minus before nothing. */
export function figure(value: number, digits: number, unit: string): string {
  const text = value.toFixed(digits).replace(/^-(?=[0.]+$)/, "").replace("-", "\u2212");
  return Number.isNaN(value) ? "–" : `${text}\u00a0${unit}`;
}

export class Panel {
  private readonly text = find<HTMLTextAreaElement>("text");
  private readonly voice = find<HTMLInputElement>("voice");
  private readonly caption = new Caption(find("caption"));
  private noticeTimer = 0;
  private muted = false;

  constructor(
    private readonly words: Texts,
    private readonly wishes: Wishes,
  ) {
    fillIn(document, words);
    document.title = words("title");
    this.text.placeholder = words("say");
    this.voice.placeholder = words("voiceOwn");
    this.speaking(false);
    this.listen();
    this.legend();
    this.showMute();
    if (matchMedia("(pointer: fine)").matches) this.text.focus(); // no keyboard over the face of a phone
  }

  setVoice(voice: string): void {
    this.voice.value = voice;
  }

  state(state: State): void {
    find("state").textContent = this.words(state);
    find("state").dataset.state = state;
    find<HTMLButtonElement>("send").disabled = state !== "live";
  }

  /** One button an emotion; the first is pressed until the server says otherwise. */
  emotions(names: string[]): void {
    const buttons = names.map((name) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: emotionName(this.words, name) });
      button.dataset.emotion = name;
      button.addEventListener("click", () => this.wishes.emotion(name));
      return button;
    });
    find("emotions").replaceChildren(...buttons);
  }

  /** Whether the microphone is on; where there is no live audio, why. */
  mic(on: boolean, none = ""): void {
    const button = find<HTMLButtonElement>("mic");
    button.disabled = none !== "";
    button.setAttribute("aria-pressed", String(on));
    button.title = none ? this.words("micNone", { why: none }) : this.words(on ? "micOff" : "micHint");
  }

  emotion(name: string): void {
    for (const button of find("emotions").children as HTMLCollectionOf<HTMLElement>) {
      button.setAttribute("aria-pressed", String(button.dataset.emotion === name));
    }
  }

  shot(shot: Shot): void {
    for (const button of document.querySelectorAll<HTMLElement>("[data-shot]")) {
      button.setAttribute("aria-pressed", String(button.dataset.shot === shot));
    }
  }

  /** The share of the window's height that the desk at its foot covers. */
  get covers(): number {
    const desk = find("desk").getBoundingClientRect();
    return desk.height ? (innerHeight - desk.top) / innerHeight : 0;
  }

  /** Show that sound is blocked until a click, or no longer. */
  blocked(blocked: boolean): void {
    find("badge").hidden = !blocked;
  }

  /** Tell something that went wrong; empty takes it away. One that stays does not time out. */
  notice(words: string, stays = false): void {
    const notice = find("notice");
    notice.textContent = words;
    notice.hidden = !words;
    clearTimeout(this.noticeTimer);
    if (words && !stays) this.noticeTimer = window.setTimeout(() => (notice.hidden = true), NOTICE);
  }

  /** Show that a character is on its way, or no longer. */
  loading(loading: boolean): void {
    find("loading").hidden = !loading;
  }

  started(text: string): void {
    this.caption.start(text);
    this.speaking(true);
    find("spoken").textContent = this.words("speaking", { text });
  }

  word(text: string): void {
    this.caption.word(text);
  }

  ended(words: string): void {
    this.caption.end();
    this.speaking(false);
    find("spoken").textContent = words;
  }

  figures(figures: Figures): void {
    const ms = (value: number, digits = 0) => figure(value * 1000, digits, "ms");
    const show = (id: string, value: string) => (find(id).textContent = value);
    show("latency", ms(figures.latency, 1));
    show("delay", ms(figures.delay));
    show("sync", ms(figures.sync, 1));
    find("sync").className = Math.abs(figures.sync) > SYNC_WARN ? "warn" : "";
    show("rate", figure(figures.rate, 0, "fps"));
    show("drift", figure(figures.drift, 0, "ppm"));
    for (const id of ["late", "dropped", "underruns"] as const) show(id, String(figures[id]));
  }

  private speaking(speaking: boolean): void {
    find<HTMLButtonElement>("stop").disabled = !speaking;
  }

  private listen(): void {
    find("speak").addEventListener("submit", (event) => (event.preventDefault(), this.say()));
    this.text.addEventListener("keydown", (event) => this.key(event));
    find("stop").addEventListener("click", () => this.wishes.stop());
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && !document.querySelector("dialog[open]")) this.wishes.stop();
    });
    find("mute").addEventListener("click", () => this.toggleMute());
    find("mic").addEventListener("click", () => this.wishes.mic());
    for (const card of CARDS) find(`toggle-${card}`).addEventListener("click", () => show(card, find(card).hidden === true));
    for (const shot of SHOTS) {
      document.querySelector(`[data-shot=${shot}]`)!.addEventListener("click", () => this.wishes.look(shot));
    }
    show("figures", innerWidth > 640);
  }

  /** Enter speaks, Shift+Enter is a new line; Enter that ends the choice of a Chinese word is neither. */
  private key(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.say();
  }

  private say(): void {
    const text = this.text.value.trim();
    if (!text || find<HTMLButtonElement>("send").disabled) return;
    this.wishes.say(text, this.voice.value.trim());
    this.text.value = "";
  }

  private toggleMute(): void {
    this.muted = !this.muted;
    this.wishes.mute(this.muted);
    this.showMute();
  }

  private showMute(): void {
    const button = find("mute");
    button.innerHTML = this.muted ? QUIET : LOUD;
    button.setAttribute("aria-pressed", String(this.muted));
    button.setAttribute("aria-label", this.words("mute"));
    button.title = this.words(this.muted ? "unmute" : "mute");
  }

  private legend(): void {
    const entries = PLOTTED.map(([curve, colour]) => {
      const entry = document.createElement("li");
      entry.textContent = curve;
      entry.style.setProperty("--colour", colour);
      return entry;
    });
    find("legend").replaceChildren(...entries);
    find("plot").setAttribute("aria-label", this.words("plot", { names: PLOTTED.map(([curve]) => curve).join(", ") }));
  }
}

/** The text being spoken, the word that is heard lit up. */
class Caption {
  private text = "";
  private from = 0;

  constructor(private readonly node: HTMLElement) {}

  start(text: string): void {
    this.text = text;
    this.from = 0;
    this.node.textContent = text;
    this.node.classList.add("shown");
  }

  word(word: string): void {
    const at = this.text.indexOf(word, this.from);
    if (at < 0) return;
    this.from = at + word.length;
    const lit = document.createElement("mark");
    lit.textContent = word;
    this.node.replaceChildren(this.text.slice(0, at), lit, this.text.slice(this.from));
    lit.scrollIntoView?.({ block: "nearest" });
  }

  end(): void {
    this.node.classList.remove("shown");
  }
}
