/** A live plot of a few curves over the last seconds, as they were on the face. */

/** What is plotted, and in which colour. */
export const PLOTTED: readonly (readonly [curve: string, colour: string])[] = [
  ["jawOpen", "#ff8fab"],
  ["mouthClose", "#8ecbff"],
  ["mouthPucker", "#ffd479"],
  ["mouthSmileLeft", "#9be8b0"],
  ["eyeBlinkLeft", "#c3a6ff"],
];

/** Seconds across. */
const SPAN = 5;
const CAPACITY = 600;
/** Speech is about 0.1 RMS; the square root is closer to loudness than the amplitude. */
const LOUD = 1.7;

interface Point {
  time: number;
  values: number[];
  level: number;
}

export class Plot {
  private points: Point[] = [];
  private readonly paint: CanvasRenderingContext2D;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.paint = canvas.getContext("2d")!;
  }

  /** The values of PLOTTED at a time in seconds, and the sound's RMS there, 0 to 1. */
  add(time: number, values: number[], level: number): void {
    if (time < (this.points.at(-1)?.time ?? 0)) this.points = this.points.filter((p) => p.time < time);
    this.points.push({ time, values, level });
    if (this.points.length > CAPACITY) this.points.shift();
  }

  draw(): void {
    const { canvas, paint } = this;
    const scale = devicePixelRatio;
    const [width, height] = [canvas.clientWidth * scale, canvas.clientHeight * scale];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    paint.clearRect(0, 0, width, height);
    const end = this.points.at(-1)?.time ?? 0;
    const x = (p: Point) => width * (1 - (end - p.time) / SPAN);
    const y = (value: number) => height * (0.96 - 0.9 * Math.min(1, Math.max(0, value)));
    this.fill(x, y, height);
    PLOTTED.forEach(([, colour], i) => this.line(colour, 1.5 * scale, x, (p) => y(p.values[i]!)));
  }

  /** The sound's loudness as a soft ground. */
  private fill(x: (p: Point) => number, y: (value: number) => number, height: number): void {
    const { paint, points } = this;
    if (points.length < 2) return;
    paint.beginPath();
    paint.moveTo(x(points[0]!), height);
    for (const p of points) paint.lineTo(x(p), y(LOUD * Math.sqrt(p.level)));
    paint.lineTo(x(points.at(-1)!), height);
    paint.fillStyle = "rgb(255 255 255 / 0.09)";
    paint.fill();
  }

  private line(colour: string, width: number, x: (p: Point) => number, y: (p: Point) => number): void {
    this.paint.beginPath();
    for (const p of this.points) this.paint.lineTo(x(p), y(p));
    Object.assign(this.paint, { strokeStyle: colour, lineWidth: width, lineJoin: "round" });
    this.paint.stroke();
  }
}
