/** The stage: light, ground and the camera that looks at the character. */

import {
  AmbientLight,
  CircleGeometry,
  DirectionalLight,
  Mesh,
  PerspectiveCamera,
  PMREMGenerator,
  Scene,
  ShaderMaterial,
  Vector3,
  WebGLRenderer,
  type Texture,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { RoomEnvironment } from "three/addons/environments/RoomEnvironment.js";
import type { Character, Measures } from "./character";
import { Pace } from "./pace";

export const SHOTS = ["face", "bust", "full"] as const;
export type Shot = (typeof SHOTS)[number];

/** A long lens flatters: degrees from bottom to top. */
const FIELD = 18;
/** Pixels drawn a CSS pixel at most, and at least; so many times fewer a step. After the last step outlines go too. */
const MOST_PIXELS = 2;
const LEAST_PIXELS = 0.5;
const STEP = 1.25;
/** The share of a lit room that is reflected, beside the lamps. */
const GLOSS = 0.18;
/** Pictures that the GPU may be at work on. */
const AHEAD = 2;
/** A picture that takes longer, milliseconds, is drawn by the CPU, which the bridge needs too: rest as long again. The
 * first is taken for one, as shaders are compiled with it. */
const HEAVY = 80;
/** A camera move's time constant, seconds. */
const GLIDE = 0.18;

/** What a shot shows above the panel, in heights of the head (from its bone to the top): its middle, and how much. */
const FRAMING: Record<Shot, { centre: number; height: number }> = {
  face: { centre: 0.36, height: 1.6 },
  bust: { centre: 0, height: 2.45 },
  full: { centre: 0, height: 0 },
};

export class Stage {
  readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(FIELD, 1, 0.1, 50);
  private readonly orbit: OrbitControls;
  private readonly goal = { position: new Vector3(), target: new Vector3() };
  private gliding = false;
  private shot: Shot = "bust";
  private character: Character | null = null;
  private measures: Measures = { bone: new Vector3(0, 1.4, 0), top: 1.65 };
  private readonly pixels: number;
  private readonly pace: Pace;
  private fences: { sync: WebGLSync; since: number }[] = [];
  private heavy = true;
  private restUntil = 0;
  /** The lowest part of the picture that the panel covers, a share of its height. */
  private covered = 0;

  /** `pixels` drawn a CSS pixel; 0 is the screen's own, less where the machine cannot keep up. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    pixels = 0,
  ) {
    this.pixels = pixels || Math.min(MOST_PIXELS, Math.max(LEAST_PIXELS, devicePixelRatio));
    this.pace = new Pace(pixels ? 0 : Math.ceil(Math.log(this.pixels / LEAST_PIXELS) / Math.log(STEP)) + 1);
    this.renderer = new WebGLRenderer({ canvas, alpha: true, antialias: true, powerPreference: "high-performance" });
    this.renderer.setClearAlpha(0);
    this.orbit = new OrbitControls(this.camera, canvas);
    Object.assign(this.orbit, { enablePan: false, minDistance: 0.6, maxDistance: 12, maxPolarAngle: 1.9 });
    this.orbit.addEventListener("start", () => (this.gliding = false));
    this.scene.add(...lights(), shadow());
    document.addEventListener("visibilitychange", () => this.pace.pause());
    new ResizeObserver(() => this.resize()).observe(canvas);
  }

  /** Put a character on in place of the last, once the GPU has its shaders. */
  async show(character: Character): Promise<void> {
    await this.renderer.compileAsync(character.scene, this.camera, this.scene);
    this.character?.dispose();
    this.character = character;
    this.scene.add(character.scene);
    this.measures = character.measure();
    if (character.shiny) this.scene.environment ??= room(this.renderer);
    this.scene.environmentIntensity = GLOSS;
    this.ease();
    this.resize();
  }

  /** Pictures a second over the last second, and the steps from the finest picture to this one. */
  get rate(): number {
    return this.pace.rate;
  }

  get level(): number {
    return this.pace.level;
  }

  /** Leave the lowest `share` of the picture to the panel. */
  cover(share: number): void {
    if (share === this.covered) return; // who turned the camera keeps it
    this.covered = share;
    this.look(this.shot);
  }

  /** Move the camera to a shot, gliding unless `now`, or where people want less motion. */
  look(shot: Shot, now = false): void {
    this.shot = shot;
    const { bone, top } = this.measures;
    const head = top - bone.y;
    const { centre, height } = FRAMING[shot];
    const tall = (height ? height * head : top * 1.08) / (1 - this.covered);
    const middle = (height ? bone.y + centre * head : top * 0.5) - (tall * this.covered) / 2;
    const distance = tall / 2 / Math.tan((FIELD * Math.PI) / 360) / Math.min(1, this.camera.aspect * 1.35);
    this.goal.target.set(bone.x, middle, bone.z);
    this.goal.position.set(bone.x, middle + 0.02 * distance, bone.z + distance);
    this.gliding = true;
    if (now || matchMedia("(prefers-reduced-motion: reduce)").matches) this.glide(Infinity);
  }

  /** False while the GPU has not finished the last pictures: one more would block the page, and with it the sound. */
  get free(): boolean {
    const gl = this.renderer.getContext() as WebGL2RenderingContext;
    const now = performance.now();
    while (this.fences[0] && gl.getSyncParameter(this.fences[0].sync, gl.SYNC_STATUS) === gl.SIGNALED) {
      const { sync, since } = this.fences.shift()!;
      gl.deleteSync(sync);
      this.heavy = now - since > HEAVY;
      if (this.heavy) this.restUntil = now + (now - since);
    }
    return this.fences.length < (this.heavy ? 1 : AHEAD) && now >= this.restUntil;
  }

  /** Draw one picture. */
  draw(elapsed: number): void {
    if (this.pace.picture(performance.now())) this.ease();
    if (this.gliding) this.glide(elapsed);
    this.orbit.update();
    this.renderer.render(this.scene, this.camera);
    this.fence();
  }

  /** Draw as much as the pace allows. A change empties the canvas, so the next picture must follow at once. */
  private ease(): void {
    const { pace, pixels } = this;
    this.renderer.setPixelRatio(Math.max(Math.min(LEAST_PIXELS, pixels), pixels / STEP ** pace.level));
    this.character?.outline(pace.level === 0 || pace.level < pace.least);
  }

  private fence(): void {
    const gl = this.renderer.getContext() as WebGL2RenderingContext;
    const sync = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    if (sync) this.fences.push({ sync, since: performance.now() });
    gl.flush();
  }

  private glide(elapsed: number): void {
    const share = 1 - Math.exp(-elapsed / GLIDE);
    this.camera.position.lerp(this.goal.position, share);
    this.orbit.target.lerp(this.goal.target, share);
    if (this.camera.position.distanceTo(this.goal.position) < 1e-4) this.gliding = false;
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    if (!clientWidth || !clientHeight) return;
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.camera.aspect = clientWidth / clientHeight;
    this.camera.updateProjectionMatrix();
    this.look(this.shot, true);
    if (this.character) this.renderer.render(this.scene, this.camera); // a new size emptied the canvas
  }
}

/** A soft key from the front left, a cool rim from behind, and enough of everywhere. */
function lights(): [AmbientLight, DirectionalLight, DirectionalLight] {
  const key = new DirectionalLight(0xfff4ea, 2.5);
  key.position.set(0.6, 1.8, 2.2);
  const rim = new DirectionalLight(0x9fb4ff, 0.9);
  rim.position.set(-1.4, 1.6, -2);
  return [new AmbientLight(0xf4efff, 0.85), key, rim];
}

/** What physically based materials reflect: without it skin and cloth of other makers' characters look grey. */
function room(renderer: WebGLRenderer): Texture {
  const maker = new PMREMGenerator(renderer);
  const { texture } = maker.fromScene(new RoomEnvironment(), 0.04);
  maker.dispose();
  return texture;
}

/** A soft shadow on the ground, for the full shot. */
function shadow(): Mesh {
  const material = new ShaderMaterial({
    transparent: true,
    depthWrite: false,
    vertexShader: "varying vec2 at; void main() { at = uv; gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0); }",
    fragmentShader: "varying vec2 at; void main() { float d = 2.0 * length(at - 0.5); gl_FragColor = vec4(0.0, 0.0, 0.05, 0.55 * pow(max(0.0, 1.0 - d), 1.6)); }",
  });
  const mesh = new Mesh(new CircleGeometry(0.55, 48).rotateX(-Math.PI / 2), material);
  mesh.position.y = 0.002;
  return mesh;
}
