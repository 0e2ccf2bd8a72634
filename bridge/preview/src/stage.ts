/** The stage: light, ground and the camera that looks at the character. */

import {
  AmbientLight,
  CircleGeometry,
  DirectionalLight,
  Mesh,
  PerspectiveCamera,
  Scene,
  ShaderMaterial,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import type { Character, Measures } from "./character";

export const SHOTS = ["face", "bust", "full"] as const;
export type Shot = (typeof SHOTS)[number];

/** A long lens flatters: degrees from bottom to top. */
const FIELD = 18;
/** Below this many pictures a second, so many seconds in a row, fewer pixels are drawn, down to so many a CSS pixel. */
const SLOW = 40;
const PATIENCE = 2;
/** A second that took longer, milliseconds, was spent in a hidden tab. */
const HIDDEN = 2500;
const LEAST_PIXELS = 0.5;
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
  private pixels: number;
  private slow = 0;
  private fences: { sync: WebGLSync; since: number }[] = [];
  private heavy = true;
  private restUntil = 0;
  private pace = { since: 0, pictures: 0 };
  /** The lowest part of the picture that the panel covers, a share of its height. */
  private covered = 0;

  /** Pictures a second over the last second. */
  rate = 0;

  /** `pixels` drawn a CSS pixel; 0 is the screen's own, fewer where the machine cannot keep up. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly fixed = 0,
  ) {
    this.pixels = fixed || Math.min(2, devicePixelRatio);
    this.renderer = new WebGLRenderer({ canvas, alpha: true, antialias: true, powerPreference: "high-performance" });
    this.renderer.setClearAlpha(0);
    this.orbit = new OrbitControls(this.camera, canvas);
    Object.assign(this.orbit, { enablePan: false, minDistance: 0.6, maxDistance: 12, maxPolarAngle: 1.9 });
    this.orbit.addEventListener("start", () => (this.gliding = false));
    this.scene.add(...lights(), shadow());
    new ResizeObserver(() => this.resize()).observe(canvas);
  }

  /** Put a character on in place of the last, once the GPU has its shaders. */
  async show(character: Character): Promise<void> {
    await this.renderer.compileAsync(character.scene, this.camera, this.scene);
    this.character?.dispose();
    this.character = character;
    this.scene.add(character.scene);
    this.measures = character.measure();
    this.resize();
  }

  /** Leave the lowest `share` of the picture to the panel. */
  cover(share: number): void {
    this.covered = share;
    this.look(this.shot);
  }

  /** Move the camera to a shot, gliding unless `now`. */
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
    if (now) this.glide(Infinity);
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
    if (this.gliding) this.glide(elapsed);
    this.orbit.update();
    this.renderer.render(this.scene, this.camera);
    this.fence();
    this.keepPace();
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
    this.renderer.setPixelRatio(this.pixels);
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.camera.aspect = clientWidth / clientHeight;
    this.camera.updateProjectionMatrix();
    this.look(this.shot, true);
  }

  /** Count pictures; where the machine cannot keep up, draw fewer pixels. */
  private keepPace(): void {
    const now = performance.now();
    const passed = now - this.pace.since;
    this.pace.pictures++;
    if (passed < 1000) return;
    this.rate = (this.pace.pictures * 1000) / passed;
    this.pace = { since: now, pictures: 0 };
    this.slow = this.rate < SLOW && passed < HIDDEN ? this.slow + 1 : 0;
    if (this.slow < PATIENCE || this.fixed || this.pixels <= LEAST_PIXELS) return;
    this.slow = 0;
    this.pixels = Math.max(LEAST_PIXELS, this.pixels * 0.8);
    this.renderer.setPixelRatio(this.pixels);
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
