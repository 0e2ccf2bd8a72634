/** The character on the stage: a VRM or glTF whose morph targets and bones are driven by name. */

import { VRMHumanBoneName, VRMLoaderPlugin, VRMUtils, type VRM } from "@pixiv/three-vrm";
import { Box3, Mesh, Object3D, Quaternion, Vector3 } from "three";
import { GLTFLoader, type GLTF } from "three/addons/loaders/GLTFLoader.js";
import type { Rig } from "./gen/rigcast/v1/rig_pb";
import type { Pose } from "./wire";

/** What of the rig the character has, by name. */
export interface RigReport {
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

/** Sets one thing from a curve's weight. */
type Drive = (weight: number) => void;

/** A bone and how it is turned: its rest, and its parent's rest in the model's space. */
interface Bone {
  node: Object3D;
  rest: Quaternion;
  frame: Quaternion;
  inverse: Quaternion;
}

export class Character {
  readonly scene: Object3D;
  private readonly vrm: VRM | null;
  private curves: Drive[][] = [];
  private bones: (Bone | null)[] = [];
  private hips: { bone: Bone; rest: Vector3; scale: number } | null = null;

  /** `gltf` as its loader gives it; see `loadCharacter`. */
  constructor(gltf: GLTF) {
    this.vrm = (gltf.userData.vrm as VRM | undefined) ?? null;
    this.scene = this.vrm?.scene ?? gltf.scene;
    if (this.vrm) VRMUtils.rotateVRM0(this.vrm);
    this.scene.traverse((node) => (node.frustumCulled = false));
  }

  /** Find what drives what. Unknown names are left alone and reported. */
  bind(rig: Rig): RigReport {
    const names = rig.joints.map((joint) => joint.name);
    this.curves = rig.curves.map((curve) => this.drives(curve));
    this.bones = names.map((name) => this.bone(name));
    this.bindHips(rig);
    const has = (found: unknown[] | null | undefined | Bone) => (Array.isArray(found) ? found.length > 0 : !!found);
    return {
      curves: rig.curves.filter((_, i) => has(this.curves[i])),
      missingCurves: rig.curves.filter((_, i) => !has(this.curves[i])),
      joints: names.filter((_, i) => has(this.bones[i])),
      missingJoints: names.filter((_, i) => !has(this.bones[i])),
    };
  }

  /** Take this pose; `elapsed` seconds have passed for hair and cloth. */
  apply(pose: Pose, elapsed: number): void {
    this.bones.forEach((bone, i) => bone && turn(bone, pose.rotations, 4 * i));
    if (this.hips) {
      const { bone, rest, scale } = this.hips;
      bone.node.position.fromArray(pose.root).multiplyScalar(scale).applyQuaternion(bone.inverse).add(rest);
    }
    this.vrm?.humanoid.update();
    this.vrm?.expressionManager?.update(); // sets every morph target that it knows to 0, so it comes before the curves
    this.curves.forEach((drives, i) => drives.forEach((drive) => drive(pose.curves[i]!)));
    this.vrm?.nodeConstraintManager?.update();
    this.vrm?.springBoneManager?.update(elapsed);
    this.vrm?.materials?.forEach((material) => updatable(material)?.update(elapsed));
  }

  /** Measure it as it stands now; slow, so once. Where there is no head's bone, its place is guessed from the bounds. */
  measure(): Measures {
    this.scene.updateWorldMatrix(true, true);
    const box = new Box3().setFromObject(this.scene, true);
    const node = this.vrm?.humanoid.getRawBoneNode("head") ?? this.scene.getObjectByName("head");
    const guess = new Vector3(0, box.max.y - 0.13 * (box.max.y - box.min.y), 0);
    return { bone: node ? node.getWorldPosition(new Vector3()) : guess, top: box.max.y };
  }

  dispose(): void {
    VRMUtils.deepDispose(this.scene);
    this.scene.removeFromParent();
  }

  /** All that a curve moves: morph targets of that name, else a VRM expression of that name. */
  private drives(curve: string): Drive[] {
    const found: Drive[] = [];
    this.scene.traverse((node) => {
      if (node instanceof Mesh) found.push(...morphs(node, curve));
    });
    const expressions = this.vrm?.expressionManager;
    const name = Object.keys(expressions?.expressionMap ?? {}).find((key) => key.toLowerCase() === curve.toLowerCase());
    if (found.length > 0 || !expressions || name === undefined) return found;
    return [(weight) => expressions.setValue(name, weight)];
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
    if (!hips) return;
    const rest = hips.node.position.clone();
    this.hips = { bone: hips, rest, scale: Math.abs(rest.y / (rig.joints[index]!.restOffset?.y || rest.y)) };
  }
}

/** Fetch and read a character. Throws with the reason, in words. */
export async function loadCharacter(url: string): Promise<Character> {
  const loader = new GLTFLoader();
  loader.register((parser) => new VRMLoaderPlugin(parser));
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${new URL(url).pathname}: ${response.status} ${response.statusText}`);
  return new Character(await loader.parseAsync(await response.arrayBuffer(), ""));
}

/** Writers of the mesh's morph targets of this name: exactly, or but for case, a prefix and "_L"/"_R". */
function morphs(mesh: Mesh, curve: string): Drive[] {
  const targets = Object.entries(mesh.morphTargetDictionary ?? {});
  const same = targets.filter(([name]) => plainName(name) === plainName(curve));
  return same.map(([, index]) => (weight) => (mesh.morphTargetInfluences![index] = weight));
}

/** "Face.M_eyeBlink_L" and "eyeBlinkLeft" are one curve. */
export function plainName(name: string): string {
  const last = name.split(/[.:]/).at(-1)!;
  return last.replace(/_L$/, "Left").replace(/_R$/, "Right").replace(/[^A-Za-z0-9]/g, "").toLowerCase();
}

function bone(node: Object3D, frame: Quaternion): Bone {
  return { node, rest: node.quaternion.clone(), frame, inverse: frame.clone().invert() };
}

/** Turn by a rotation given in the model's axes: into the parent's axes, then onto the rest. */
function turn(bone: Bone, rotations: Float32Array, at: number): void {
  bone.node.quaternion.fromArray(rotations, at).multiply(bone.frame).premultiply(bone.inverse).multiply(bone.rest);
}

/** MToon materials animate; others do not. */
function updatable(material: object): { update(elapsed: number): void } | null {
  return "update" in material && "isMToonMaterial" in material ? (material as { update(elapsed: number): void }) : null;
}
