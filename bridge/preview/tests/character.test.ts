import { create } from "@bufbuild/protobuf";
import { BufferGeometry, Group, Mesh, Object3D, Quaternion, Vector3 } from "three";
import type { GLTF } from "three/addons/loaders/GLTFLoader.js";
import { expect, it } from "vitest";
import { Character, checkFile } from "../src/character";
import { RigSchema } from "../src/gen/rigcast/v1/rig_pb";
import { restPose } from "../src/timeline";

const rig = create(RigSchema, {
  curves: ["jawOpen", "eyeBlinkLeft", "tongueOut"],
  joints: [
    { name: "hips", parent: -1, restOffset: { x: 0, y: 0.5, z: 0 } },
    { name: "head", parent: 0, restOffset: { x: 0, y: 0.5, z: 0 } },
    { name: "leftHand", parent: 0 },
  ],
});

/** A plain glTF twice as tall as the rig, its hips modelled lying on the back. */
function character(): { made: Character; mesh: Mesh; head: Object3D; hips: Object3D } {
  const [scene, hips, head] = [new Group(), new Object3D(), new Object3D()];
  Object.assign(hips, { name: "hips" }).position.y = 1;
  hips.rotateX(-Math.PI / 2);
  Object.assign(head, { name: "head" }).position.z = 0.5;
  const mesh = new Mesh(new BufferGeometry());
  mesh.morphTargetDictionary = { "Face.jawOpen": 0, eyeBlink_L: 1 };
  mesh.morphTargetInfluences = [0, 0];
  scene.add(hips.add(head.add(mesh)));
  return { made: new Character({ scene, userData: {} } as unknown as GLTF), mesh, head, hips };
}

it("reports what it has and what it lacks", () => {
  expect(character().made.bind(rig)).toMatchObject({
    curves: ["jawOpen", "eyeBlinkLeft"], missingCurves: ["tongueOut"],
    joints: ["hips", "head"], missingJoints: ["leftHand"],
  });
});

it("moves morph targets, bones and hips as the pose says, in the model's axes", () => {
  const { made, mesh, head, hips } = character();
  made.bind(rig);
  const before = head.getWorldQuaternion(new Quaternion());
  const pose = restPose(3, 3);
  pose.curves.set([0.5, 1, 1]);
  pose.rotations.set([0, Math.SQRT1_2, 0, Math.SQRT1_2], 4); // the head by 90 degrees about the model's Y
  pose.root.set([0, 0.1, 0]);
  made.apply(pose, 1 / 60);
  made.scene.updateMatrixWorld(true);
  expect(mesh.morphTargetInfluences).toEqual([0.5, 1]);
  expect(hips.getWorldPosition(new Vector3()).y).toBeCloseTo(1.2, 6);
  const turned = head.getWorldQuaternion(new Quaternion()).multiply(before.invert());
  expect(Math.abs(turned.dot(new Quaternion(0, Math.SQRT1_2, 0, Math.SQRT1_2)))).toBeCloseTo(1, 6);
});

it("stands as before when it is bound anew in the midst of a pose, as after a lost connection", () => {
  const { made, head, hips } = character();
  made.bind(rig);
  const pose = restPose(3, 3);
  pose.rotations.set([0, Math.SQRT1_2, 0, Math.SQRT1_2], 4);
  pose.root.set([0, 0.1, 0]);
  made.apply(pose, 1 / 60);
  const [turned, high] = [head.quaternion.clone(), hips.position.clone()];
  made.bind(rig);
  made.apply(pose, 1 / 60);
  expect(head.quaternion.toArray()).toEqual(turned.toArray());
  expect(hips.position.toArray()).toEqual(high.toArray());
});

it("sees at a file's beginning that it is none", () => {
  const file = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;
  expect(() => checkFile(file(""))).toThrow("fileEmpty");
  expect(() => checkFile(file("once upon a time"))).toThrow("fileOther");
  expect(() => checkFile(file("glTF"))).toThrow("fileCut");
  expect(() => checkFile(file("glTF\x02\0\0\0\xff\0\0\0"))).toThrow("fileCut");
  expect(() => checkFile(file('{"asset": {"version": "2.0"}}'))).not.toThrow();
});

it("tells which shapes follow which curves, and which nothing moves", () => {
  const { made, mesh } = character();
  mesh.morphTargetDictionary = { mouthOpen: 0, Hat: 1 };
  const { shapes, missingCurves } = made.bind(rig);
  expect(shapes.matches).toEqual([{ shape: "mouthOpen", convention: "Others", terms: { jawOpen: 1 }, guessed: false }]);
  expect(shapes.unmatched).toEqual(["Hat"]);
  expect(missingCurves).toEqual(["eyeBlinkLeft", "tongueOut"]);
});
