/** The character on the stage: a VRM or glTF whose morph targets and bones are driven by name. */

import { VRMHumanBoneName, VRMLoaderPlugin, VRMUtils, type VRM } from "@pixiv/three-vrm";
import { Box3, Mesh, MeshStandardMaterial, Object3D, Quaternion, Vector3, type Material } from "three";
import { GLTFLoader, type GLTF } from "three/addons/loaders/GLTFLoader.js";
import type { Rig } from "./gen/rigcast/v1/rig_pb";
import { pictures } from "./pictures";
import { match, weigher, type Report } from "./retarget";
import { Unfit } from "./unfit";
import type { Pose } from "./wire";

export { Unfit };

/** What of the rig the character has, by name, and which of its shapes move. */
export interface RigReport {
  shapes: Report;
  curves: string[];
  missingCurves: string[];
  joints: string[];
  missingJoints: string[];
}

/** Where the head's bone is in the scene, and how high the character reaches, metres. */
export interface Measures {
  bone: Vector3;
  top: number;
}

/** The server wants a token. */
export class Barred extends Error {}

/** What tells a shape's weight of a pose's curves, and what sets it. */
interface Drive {
  weight(curves: Float32Array): number;
  set(weight: number): void;
}

/** Largest file of a character that is read, bytes. */
const LARGEST = 256 * 2 ** 20;
/** Hair swings in steps of at most so many seconds, or it flies about; what a stall takes beyond so many is left out. */
const SWING = 1 / 40;
const SWINGS = 12;
/** The stream carries no fingers: they rest in a loose curl. Bones of each, and radians of each joint; from the index on
 * each finger curls a little more. */
const FINGERS = ["Index", "Middle", "Ring", "Little"];
const CURL = { Proximal: 0.28, Intermediate: 0.42, Distal: 0.3 };
const CURL_MORE = 0.07;
/** And the thumb comes nearer to them. */
const THUMB = 0.35;

/** A bone and how it is turned: where it rests, its rotation there, and its parent's rest in the model's space. */
interface Bone {
  node: Object3D;
  place: Vector3;
  rest: Quaternion;
  frame: Quaternion;
  inverse: Quaternion;
}

export class Character {
  readonly scene: Object3D;
  private readonly vrm: VRM | null;
  private drives: Drive[] = [];
  private bones: (Bone | null)[] = [];
  /** Every bone that was asked for, as it was then: at rest. A later rig finds the character in a pose. */
  private readonly resting = new Map<string, Bone | null>();
  private hips: { bone: Bone; scale: number } | null = null;

  /** `gltf` as its loader gives it; see `loadCharacter`. */
  constructor(gltf: GLTF) {
    this.vrm = (gltf.userData.vrm as VRM | undefined) ?? null;
    this.scene = this.vrm?.scene ?? gltf.scene;
    if (this.vrm) VRMUtils.rotateVRM0(this.vrm);
    this.scene.traverse((node) => (node.frustumCulled = false));
    this.curlFingers();
  }

  /** Find what drives what. Unknown names are left alone and reported. */
  bind(rig: Rig): RigReport {
    const names = rig.joints.map((joint) => joint.name);
    const shapes = this.matched(rig.curves);
    this.drives = shapes.matches.flatMap((match) => {
      const weight = weigher(match, rig.curves);
      return this.setters(match.shape).map((set) => ({ weight, set }));
    });
    this.bones = names.map((name) => this.rested(name));
    this.bindHips(rig);
    return {
      shapes,
      curves: rig.curves.filter((curve) => !shapes.missing.includes(curve)),
      missingCurves: shapes.missing,
      joints: names.filter((_, i) => this.bones[i]),
      missingJoints: names.filter((_, i) => !this.bones[i]),
    };
  }

  /** Take this pose; `elapsed` seconds have passed for hair and cloth. */
  apply(pose: Pose, elapsed: number): void {
    this.bones.forEach((bone, i) => bone && turn(bone, pose.rotations, 4 * i));
    if (this.hips) {
      const { bone, scale } = this.hips;
      bone.node.position.fromArray(pose.root).multiplyScalar(scale).applyQuaternion(bone.inverse).add(bone.place);
    }
    this.vrm?.humanoid.update();
    this.vrm?.expressionManager?.update(); // sets every morph target that it knows to 0, so it comes before the curves
    for (const { weight, set } of this.drives) set(weight(pose.curves));
    this.vrm?.nodeConstraintManager?.update();
    this.swing(elapsed);
    this.vrm?.materials?.forEach((material) => updatable(material)?.update(elapsed));
  }

  private swing(elapsed: number): void {
    const steps = Math.min(SWINGS, Math.max(1, Math.ceil(elapsed / SWING)));
    for (let i = 0; i < steps; i++) this.vrm?.springBoneManager?.update(Math.min(SWING, elapsed / steps));
  }

  /** Measure it as it stands now; slow, so once. Where there is no head's bone, its place is guessed from the bounds. */
  measure(): Measures {
    this.scene.updateWorldMatrix(true, true);
    const box = new Box3().setFromObject(this.scene, true);
    const node = this.vrm?.humanoid.getRawBoneNode("head") ?? this.scene.getObjectByName("head");
    const guess = new Vector3(0, box.max.y - 0.13 * (box.max.y - box.min.y), 0);
    return { bone: node ? node.getWorldPosition(new Vector3()) : guess, top: box.max.y };
  }

  /** Whether light is reflected by any of it as by skin and cloth; drawings in ink and flat colour reflect none. */
  get shiny(): boolean {
    return this.meshes().some((mesh) => materials(mesh).some((material) => material instanceof MeshStandardMaterial));
  }

  /** Draw the outlines of MToon, half of all triangles, or leave them out. */
  outline(shown: boolean): void {
    for (const material of this.meshes().flatMap(materials)) {
      if ("isOutline" in material && material.isOutline) material.visible = shown;
    }
  }

  dispose(): void {
    VRMUtils.deepDispose(this.scene);
    this.scene.removeFromParent();
  }

  /** Morph targets that are named after curves come first; where there is no jaw among them, a VRM's expressions. */
  private matched(curves: readonly string[]): Report {
    const morphs = match(curves, this.meshes().flatMap((mesh) => Object.keys(mesh.morphTargetDictionary ?? {})));
    const expressions = Object.keys(this.vrm?.expressionManager?.expressionMap ?? {});
    const speaks = morphs.matches.some(({ terms }) => "jawOpen" in terms && Object.keys(terms).length === 1);
    return speaks || expressions.length === 0 ? morphs : this.asWritten(match(curves, expressions));
  }

  /** The loader gives a VRM 0's expressions the names of VRM 1; people look for those of their file's own kind. */
  private asWritten(report: Report): Report {
    if (this.vrm?.meta.metaVersion !== "0") return report;
    const kind = (convention: string) => (convention === "VRM 1" ? "VRM 0" : convention);
    return { ...report, matches: report.matches.map((match) => ({ ...match, convention: kind(match.convention) })) };
  }

  /** What sets a shape: the morph targets of that name, else a VRM's expression. */
  private setters(shape: string): ((weight: number) => void)[] {
    const targets = this.meshes().flatMap((mesh) => {
      const index = mesh.morphTargetDictionary?.[shape];
      return index === undefined ? [] : [(weight: number) => void (mesh.morphTargetInfluences![index] = weight)];
    });
    const manager = this.vrm?.expressionManager;
    return targets.length || !manager?.getExpression(shape) ? targets : [(weight) => manager.setValue(shape, weight)];
  }

  private meshes(): Mesh[] {
    const found: Mesh[] = [];
    this.scene.traverse((node) => node instanceof Mesh && found.push(node));
    return found;
  }

  /** Palms look down at rest, so fingers curl about the model's Z; a VRM 0 stands the other way round. */
  private curlFingers(): void {
    const about = this.vrm?.meta.metaVersion === "0" ? 1 : -1;
    for (const [side, sign] of [["left", about], ["right", -about]] as const) {
      this.vrm?.humanoid.getNormalizedBoneNode(`${side}ThumbMetacarpal`)?.rotation.set(0, side === "left" ? THUMB : -THUMB, 0);
      FINGERS.forEach((finger, i) => {
        for (const [joint, angle] of Object.entries(CURL)) {
          const name = `${side}${finger}${joint}` as VRMHumanBoneName;
          this.vrm?.humanoid.getNormalizedBoneNode(name)?.rotation.set(0, 0, sign * (angle + i * CURL_MORE));
        }
      });
    }
  }

  private rested(name: string): Bone | null {
    const known = this.resting.get(name) ?? this.bone(name);
    this.resting.set(name, known);
    return known;
  }

  private bone(name: string): Bone | null {
    if (this.vrm) return this.normalisedBone(name);
    const node = this.scene.getObjectByName(name);
    if (!node?.parent) return null;
    this.scene.updateWorldMatrix(true, true);
    const model = this.scene.getWorldQuaternion(new Quaternion()).invert();
    return bone(node, model.multiply(node.parent.getWorldQuaternion(new Quaternion())));
  }

  /** A VRM's normalised bones have the model's axes at rest; those of VRM 0 look along -Z. */
  private normalisedBone(name: string): Bone | null {
    const node = this.vrm!.humanoid.getNormalizedBoneNode(name as VRMHumanBoneName);
    const backward = new Quaternion(0, 1, 0, 0);
    return node && bone(node, this.vrm!.meta.metaVersion === "0" ? backward : new Quaternion());
  }

  /** The hips move by the stream's metres, scaled to this character's height. */
  private bindHips(rig: Rig): void {
    const index = rig.joints.findIndex((joint) => joint.name === "hips");
    const hips = this.bones[index];
    const high = hips?.place.y ?? 0;
    this.hips = hips ? { bone: hips, scale: Math.abs(high / (rig.joints[index]!.restOffset?.y || high)) } : null;
  }
}

/** Fetch and read a character. Throws with the reason, in words. */
export async function loadCharacter(url: string): Promise<Character> {
  const response = await fetch(url);
  if (response.status === 401) throw new Barred("401");
  if (!response.ok) throw new Error(`${new URL(url).pathname}: ${response.status} ${response.statusText}`);
  return readCharacter(await response.arrayBuffer());
}

/** Read a VRM or glTF that holds all it needs. Throws `Unfit`, or the loader's reason. */
export async function readCharacter(file: ArrayBuffer): Promise<Character> {
  checkFile(file);
  const loader = new GLTFLoader();
  loader.register(pictures);
  loader.register((parser) => new VRMLoaderPlugin(parser));
  const gltf = await loader.parseAsync(file, "");
  if (!gltf.scene?.getObjectByProperty("isMesh", true)) throw new Unfit("fileBare");
  return new Character(gltf);
}

/** Throws `Unfit` for what a look at the file's beginning tells to be none. */
export function checkFile(file: ArrayBuffer): void {
  const have = file.byteLength;
  if (have === 0) throw new Unfit("fileEmpty");
  if (have > LARGEST) throw new Unfit("fileLarge", { have: (have / 2 ** 20).toFixed(0), all: String(LARGEST / 2 ** 20) });
  const begin = new TextDecoder().decode(file.slice(0, 64)).trimStart();
  if (!/^(\uFEFF?\{|glTF)/.test(begin)) throw new Unfit("fileOther");
  const all = begin.startsWith("glTF") && have >= 12 ? new DataView(file).getUint32(8, true) : have;
  if (all > have || have < 12) throw new Unfit("fileCut", { have: String(have), all: String(Math.max(all, 12)) });
}

function bone(node: Object3D, frame: Quaternion): Bone {
  const inverse = frame.clone().invert();
  return { node, place: node.position.clone(), rest: node.quaternion.clone(), frame, inverse };
}

/** Turn by a rotation given in the model's axes: into the parent's axes, then onto the rest. */
function turn(bone: Bone, rotations: Float32Array, at: number): void {
  bone.node.quaternion.fromArray(rotations, at).multiply(bone.frame).premultiply(bone.inverse).multiply(bone.rest);
}

function materials(mesh: Mesh): Material[] {
  return [mesh.material].flat();
}

/** MToon materials animate; others do not. */
function updatable(material: object): { update(elapsed: number): void } | null {
  return "update" in material && "isMToonMaterial" in material ? (material as { update(elapsed: number): void }) : null;
}
