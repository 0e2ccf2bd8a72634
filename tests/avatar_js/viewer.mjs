// A bare viewer for pictures: load(url), pose({curves, presets, bones, seconds}), look(view). No clock of its own.
import * as THREE from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { VRMLoaderPlugin, VRMUtils } from "@pixiv/three-vrm";

const renderer = new THREE.WebGLRenderer({ antialias: true, preserveDrawingBuffer: true });
document.body.append(renderer.domElement);
const scene = new THREE.Scene();
scene.background = new THREE.Color("#dfe6f2");
const camera = new THREE.PerspectiveCamera(24, 1, 0.05, 20);
const sun = new THREE.DirectionalLight(0xffffff, Math.PI * 0.85);
sun.position.set(0.6, 1.6, 2.0);
scene.add(sun, new THREE.AmbientLight(0xffffff, 0.75));

const VIEWS = {
  face: [0, 0, 0.045, 0.74], threequarter: [40, 4, 0.045, 0.74], profile: [90, 0, 0.045, 0.8], back: [180, 5, 0.0, 0.9],
  below: [20, -18, 0.03, 0.62], mouth: [0, 0, -0.034, 0.2], eyes: [0, 0, 0.06, 0.34], eyeside: [55, 0, 0.06, 0.34],
  mouthside: [50, 0, -0.034, 0.24],
  bust: [0, 0, -0.06, 1.42], full: [0, 0, -0.62, 3.9], full34: [35, 5, -0.62, 3.9], fullback: [180, 0, -0.62, 3.9],
  fullside: [90, 0, -0.62, 3.9], hand: [0, 0, 0, 0],
};
let vrm = null;

export async function load(url) {
  if (vrm) scene.remove(vrm.scene);
  const loader = new GLTFLoader();
  loader.register((parser) => new VRMLoaderPlugin(parser));
  const gltf = await loader.loadAsync(url);
  vrm = gltf.userData.vrm;
  if (!vrm) throw new Error("no VRM in the file");
  VRMUtils.rotateVRM0(vrm);
  vrm.scene.traverse((o) => { o.frustumCulled = false; });
  scene.add(vrm.scene);
  return { expressions: Object.keys(vrm.expressionManager.expressionMap), bones: Object.keys(vrm.humanoid.humanBones),
           springs: vrm.springBoneManager?.joints.size ?? 0 };
}

// Where the posed face is: its extent and whether every number is finite, in metres.
export function facts(asked) {
  pose(asked);
  const box = new THREE.Box3(), point = new THREE.Vector3();
  vrm.scene.updateMatrixWorld(true);
  vrm.scene.traverse((mesh) => {
    if (!mesh.isSkinnedMesh) return;
    for (let i = 0; i < mesh.geometry.attributes.position.count; i += 7) box.expandByPoint(mesh.getVertexPosition(i, point));
  });
  return { min: box.min.toArray(), max: box.max.toArray() };
}

export function pose({ curves = {}, presets = {}, bones = {}, seconds = 0 } = {}) {
  const manager = vrm.expressionManager;
  for (const name of Object.keys(manager.expressionMap)) manager.setValue(name, 0);
  for (const [name, value] of Object.entries(curves)) manager.setValue(name[0].toUpperCase() + name.slice(1), value);
  for (const [name, value] of Object.entries(presets)) manager.setValue(name, value);
  vrm.humanoid.resetNormalizedPose();
  const rest = { leftUpperArm: [0, 0, -1.15], rightUpperArm: [0, 0, 1.15], leftLowerArm: [0, -0.25, 0], rightLowerArm: [0, 0.25, 0] };
  for (const [name, angles] of Object.entries({ ...rest, ...bones })) {
    vrm.humanoid.getNormalizedBoneNode(name).rotation.set(...angles);
  }
  vrm.springBoneManager?.reset();
  for (let left = Math.max(seconds, 0.02); left > 0; left -= 0.02) vrm.update(0.02);
}

export function look(view, width, height) {
  const [turn, rise, up, far] = VIEWS[view];
  renderer.setSize(width, height, false);
  camera.aspect = width / height;
  camera.updateProjectionMatrix();
  const head = vrm.humanoid.getRawBoneNode(view === "hand" ? "leftMiddleProximal" : "head").getWorldPosition(new THREE.Vector3());
  if (view === "hand") {
    camera.position.set(head.x + 0.15, head.y + 0.22, head.z + 0.34);
    camera.lookAt(head);
    renderer.render(scene, camera);
    return;
  }
  const target = new THREE.Vector3(0, head.y + 0.03 + up, view.startsWith("full") ? 0 : /mouth|eye/.test(view) ? 0.09 : 0.02);
  const a = THREE.MathUtils.degToRad(turn), b = THREE.MathUtils.degToRad(rise);
  camera.position.set(Math.sin(a) * Math.cos(b), Math.sin(b), Math.cos(a) * Math.cos(b)).multiplyScalar(far).add(target);
  camera.lookAt(target);
  renderer.render(scene, camera);
}

// Draws one picture and keeps it for the sheet.
const kept = [];
export function shot(asked, width, height) {
  pose(asked);
  look(asked.view, width, height);
  kept.push([renderer.domElement.toDataURL("image/png"), asked.label ?? ""]);
}

// Shows all the pictures kept, in place of the scene.
export async function sheet(columns, width) {
  document.body.style.cssText = `overflow:hidden;display:grid;grid-template-columns:repeat(${columns},${width}px);font:13px sans-serif`;
  document.body.replaceChildren(...kept.map(([source, label]) => {
    const figure = document.createElement("figure"), image = new Image(), words = document.createElement("figcaption");
    figure.style.cssText = "margin:0;position:relative";
    words.style.cssText = "position:absolute;left:4px;top:2px;color:#334";
    image.src = source;
    words.textContent = label;
    figure.append(image, words);
    return figure;
  }));
  await Promise.all([...document.images].map((image) => image.decode()));
}

Object.assign(window, { rigcastLoad: load, rigcastShot: shot, rigcastSheet: sheet, rigcastFacts: facts, rigcastReady: true });
