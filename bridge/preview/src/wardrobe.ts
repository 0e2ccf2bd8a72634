/** Another character: dropped on the page or chosen, and what moves what shown before it is used. */

import { readCharacter, Unfit, type Character, type RigReport } from "./character";
import { find } from "./dom";
import type { Rig } from "./gen/rigcast/v1/rig_pb";
import type { Match } from "./retarget";
import type { Key, Texts } from "./texts";

/** What the wardrobe needs of the page. */
export interface Wearer {
  /** The rig that drives it; null before the server said. */
  rig(): Rig | null;
  wear(character: Character): void;
  /** Tell something; empty takes away what was told. */
  notice(words: string): void;
  /** Tell that a character is being loaded while this work lasts. */
  loading<T>(work: Promise<T>): Promise<T>;
}

export class Wardrobe {
  private readonly dialog = find<HTMLDialogElement>("fitting");
  private readonly chooser = find<HTMLInputElement>("chooser");

  constructor(
    private readonly words: Texts,
    private readonly wearer: Wearer,
  ) {
    find("choose").addEventListener("click", () => this.chooser.click());
    this.chooser.addEventListener("change", () => {
      this.open(this.chooser.files?.[0]);
      this.chooser.value = ""; // so that the same file may be chosen again
    });
    addEventListener("dragover", (event) => this.drag(event, true));
    addEventListener("dragleave", (event) => this.drag(event, event.relatedTarget !== null));
    addEventListener("drop", (event) => {
      this.drag(event, false);
      this.open(event.dataTransfer?.files[0]);
    });
  }

  /** A page that is left for the file dropped on it would end the performance. */
  private drag(event: DragEvent, over: boolean): void {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.toggle("dropping", over);
  }

  private open(file: File | undefined): void {
    if (!file) return;
    this.dialog.close(""); // another file instead
    this.wearer.notice("");
    this.fit(file).catch((error: unknown) => {
      const why = reason(error, this.words);
      this.wearer.notice(this.words("notCharacter", { name: file.name, why }));
    });
  }

  private async fit(file: File): Promise<void> {
    const rig = this.wearer.rig();
    if (!rig) throw new Error(this.words("noRig"));
    const character = await this.wearer.loading(file.arrayBuffer().then(readCharacter));
    if (await this.agreed(file.name, character.bind(rig), rig)) this.wearer.wear(character);
    else character.dispose();
  }

  /** Show what moves what; true once it is to be used. */
  private agreed(name: string, report: RigReport, rig: Rig): Promise<boolean> {
    const { dialog, words } = this;
    const put = (id: string, text: string) => (find(id).textContent = text);
    put("fitting-title", words("use", { name }));
    put("fitting-face", words("faceFound", { found: String(report.curves.length), all: String(rig.curves.length) }));
    put("fitting-body", words("bodyFound", { found: String(report.joints.length), all: String(rig.joints.length) }));
    const [guesses, known] = [true, false].map((guess) => report.shapes.matches.filter((m) => m.guessed === guess));
    const listed = (key: Key, names: string[]) => (names.length ? words(key, { names: names.join(", ") }) : "");
    put("fitting-guessed", guesses!.length ? words("guessed", { count: String(guesses!.length) }) : "");
    dialog.querySelector("details")!.open = guesses!.length > 0;
    find("fitting-rows").replaceChildren(...[...guesses!, ...known!].map((m) => this.row(m)));
    put("fitting-unmatched", listed("unmatched", report.shapes.unmatched));
    put("fitting-missing", listed("missing", [...report.missingCurves, ...report.missingJoints]));
    dialog.returnValue = "";
    dialog.showModal();
    dialog.querySelector(".facts")!.scrollTop = 0;
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "use"), { once: true });
    });
  }

  /** A shape, the convention that names it, and its curves. */
  private row({ shape, convention, terms, guessed }: Match): HTMLTableRowElement {
    const row = document.createElement("tr");
    const cells = [shape, Object.keys(terms).join(" + "), guessed ? this.words("guess") : convention];
    for (const text of cells) row.insertCell().textContent = text;
    row.classList.toggle("guessed", guessed);
    return row;
  }
}

/** Why a file is no character, in the page's words where it has them. */
export function reason(error: unknown, words: Texts): string {
  if (error instanceof Unfit) return words(error.key, error.values);
  return error instanceof Error ? error.message : String(error);
}
