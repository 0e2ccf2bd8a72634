import { describe, expect, it } from "vitest";
import { Follower, relaxedPose, restPose, Timeline } from "../src/timeline";
import type { Pose } from "../src/wire";

/** One curve, one joint turned about Y by `angle` radians. */
function pose(time: number, weight: number, angle = 0): Pose {
  const rotations = Float32Array.of(0, Math.sin(angle / 2), 0, Math.cos(angle / 2));
  return { time, curves: Float32Array.of(weight), rotations, root: Float32Array.of(weight, 0, 0) };
}

function filled(...poses: Pose[]): Timeline {
  const timeline = new Timeline();
  poses.forEach((p) => timeline.insert(p));
  return timeline;
}

function weightAt(timeline: Timeline, time: number): number {
  const out = restPose(1, 1);
  return timeline.sample(time, out) ? out.curves[0]! : NaN;
}

describe("Timeline", () => {
  it("goes straight from pose to pose", () => {
    const timeline = filled(pose(1, 0), pose(2, 1));
    expect(weightAt(timeline, 1)).toBe(0);
    expect(weightAt(timeline, 1.25)).toBeCloseTo(0.25, 6);
    expect(weightAt(timeline, 2)).toBe(1);
  });

  it("turns joints the shorter way and keeps them unit", () => {
    const far = pose(2, 0, 1);
    far.rotations.forEach((_, i) => (far.rotations[i]! *= -1)); // the same rotation, the other sign
    const out = restPose(1, 1);
    filled(pose(1, 0, 0), far).sample(1.5, out);
    expect(2 * Math.asin(out.rotations[1]!)).toBeCloseTo(0.5, 3);
    expect(Math.hypot(...out.rotations)).toBeCloseTo(1, 6);
  });

  it("takes poses in any order and replaces one of the same time", () => {
    const timeline = filled(pose(3, 3), pose(1, 1), pose(2, 9), pose(2, 2));
    expect(timeline.length).toBe(3);
    expect([1, 1.5, 2, 2.5, 3].map((t) => weightAt(timeline, t))).toEqual([1, 1.5, 2, 2.5, 3]);
  });

  it("holds beyond its ends, and has nothing when empty", () => {
    expect(weightAt(filled(pose(1, 0.5)), 0)).toBe(0.5);
    expect(weightAt(filled(pose(1, 0.5)), 9)).toBe(0.5);
    expect(weightAt(new Timeline(), 1)).toBeNaN();
  });

  it("forgets a time and all after it", () => {
    const timeline = filled(pose(1, 1), pose(2, 2), pose(3, 3));
    timeline.forget(2);
    expect(timeline.end).toBe(1);
    timeline.forget(5);
    expect(timeline.end).toBe(1);
    timeline.insert(pose(2, 7));
    expect(weightAt(timeline, 1.5)).toBe(4);
  });

  it("prunes all but the pose that holds", () => {
    const timeline = filled(pose(1, 1), pose(2, 2), pose(3, 3));
    timeline.prune(2.5);
    expect(timeline.length).toBe(2);
    expect(weightAt(timeline, 2.5)).toBe(2.5);
  });

  it("is bounded, the newest kept", () => {
    const timeline = new Timeline();
    for (let i = 0; i < 5000; i++) timeline.insert(pose(i / 60, i));
    expect(timeline.length).toBe(1200);
    expect(weightAt(timeline, 4999 / 60)).toBe(4999);
  });
});

describe("Follower", () => {
  it("eases in, holds when time stands still, eases to rest, and never jumps", () => {
    const timeline = new Timeline();
    for (let i = 0; i <= 60; i++) timeline.insert(pose(i / 60, 1));
    const follower = new Follower(restPose(1, 1));
    let before = 0;
    const weights = Array.from({ length: 180 }, (_, i) => {
      follower.follow(timeline, Math.min(1, i / 60), 1 / 60);
      expect(Math.abs(follower.pose.curves[0]! - before)).toBeLessThan(0.06);
      return (before = follower.pose.curves[0]!);
    });
    expect(weights[50]).toBe(1);
    expect(weights[68]).toBe(1); // 130 ms after time stood still
    expect(weights[120]).toBe(0);
  });

  it("comes back when poses return", () => {
    const follower = new Follower(restPose(1, 1));
    const timeline = filled(pose(0, 1));
    for (let i = 0; i < 100; i++) follower.follow(timeline, 0, 1 / 60);
    expect(follower.pose.curves[0]).toBe(0);
    for (let i = 100; i < 200; i++) timeline.insert(pose(i / 60, 0.5));
    for (let i = 100; i < 190; i++) follower.follow(timeline, i / 60, 1 / 60);
    expect(follower.pose.curves[0]).toBeCloseTo(0.5, 6);
  });

  it("is at rest before anything came", () => {
    const follower = new Follower(restPose(2, 3));
    expect(follower.follow(new Timeline(), 1, 1 / 60)).toBe(false);
    expect([...follower.pose.rotations]).toEqual([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });
});

it("lets the arms hang in the relaxed pose", () => {
  const { rotations } = relaxedPose(1, ["hips", "rightUpperArm", "leftUpperArm"]);
  const down = Math.sin(0.61);
  expect(Array.from(rotations, (x) => Math.round(x / down))).toEqual([0, 0, 0, 2, 0, 0, 1, 1, 0, 0, -1, 1]);
});
