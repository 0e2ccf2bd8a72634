/** One slider a curve: shows what is on the face, and holds a curve where the slider is held. */

/** A slider is let go, and its curve follows the stream again, with any of these. */
const RELEASES = ["pointerup", "pointercancel", "blur"];

export class Inspector {
  private readonly held = new Map<number, number>();
  private sliders: HTMLInputElement[] = [];
  private names = "";

  constructor(
    private readonly list: HTMLElement,
    private readonly panel: HTMLElement,
  ) {}

  /** One row a curve. */
  bind(curves: readonly string[]): void {
    if (this.names === curves.join()) return;
    this.names = curves.join();
    this.held.clear();
    this.sliders = curves.map((_, i) => this.slider(i));
    this.list.replaceChildren(...curves.map((curve, i) => row(curve, this.sliders[i]!)));
  }

  /** Put the held curves in place of the stream's, and the sliders of the others where the curves are. */
  over(curves: Float32Array): void {
    for (const [i, weight] of this.held) curves[i] = weight;
    if (this.panel.hidden) return;
    this.sliders.forEach((slider, i) => {
      const weight = curves[i]!.toFixed(2);
      if (!this.held.has(i) && slider.value !== weight) slider.value = weight;
    });
  }

  private slider(i: number): HTMLInputElement {
    const slider = Object.assign(document.createElement("input"), { type: "range", min: "0", max: "1", step: "0.01" });
    const hold = () => {
      this.held.set(i, slider.valueAsNumber);
      slider.classList.add("held");
    };
    const release = () => {
      this.held.delete(i);
      slider.classList.remove("held");
    };
    slider.addEventListener("pointerdown", hold);
    slider.addEventListener("input", hold);
    for (const kind of RELEASES) slider.addEventListener(kind, release);
    return slider;
  }
}

function row(curve: string, slider: HTMLInputElement): HTMLElement {
  const label = document.createElement("label");
  const name = document.createElement("span");
  name.textContent = curve;
  label.append(name, slider);
  return label;
}
