/** Poses by session time, and the pose at any instant between them. */

import type { Pose } from "./wire";

/** Poses kept at most: 20 s at 60 frames a second, more than any lead. */
const CAPACITY = 1200;
/** Where time stands still the face holds this long, seconds, then eases to rest in EASE; and back when it goes on. */
const HOLD = 0.15;
const EASE = 0.5;

/** Arms hang so far below the horizontal while no pose is known, radians: a T-pose is for riggers. */
const RELAXED = 1.22;

/** The rest pose for so many curves and joints. */
export function restPose(curves: number, joints: number): Pose {
  const rotations = new Float32Array(joints * 4).map((_, i) => (i % 4 === 3 ? 1 : 0));
  return { time: 0, curves: new Float32Array(curves), rotations, root: new Float32Array(3) };
}

/** The rest pose with the arms down, for joints of these names; VRM's left upper arm points along +X at rest. */
export function relaxedPose(curves: number, joints: string[]): Pose {
  const pose = restPose(curves, joints.length);
  const lower = (joint: string, angle: number) => {
    const at = 4 * joints.indexOf(joint);
    if (at >= 0) pose.rotations.set([0, 0, Math.sin(angle / 2), Math.cos(angle / 2)], at);
  };
  lower("leftUpperArm", -RELAXED);
  lower("rightUpperArm", RELAXED);
  return pose;
}

/** A bounded buffer of poses in order of time. */
export class Timeline {
  private poses: Pose[] = [];

  get length(): number {
    return this.poses.length;
  }

  /** Session time of the last pose; -Infinity when there is none. */
  get end(): number {
    return this.poses.at(-1)?.time ?? -Infinity;
  }

  /** Take a pose in; one of the same time is replaced, and the oldest gives way when the buffer is full. */
  insert(pose: Pose): void {
    const at = this.after(pose.time);
    const same = at > 0 && this.poses[at - 1]!.time === pose.time;
    this.poses.splice(same ? at - 1 : at, same ? 1 : 0, pose);
    if (this.poses.length > CAPACITY) this.poses.shift();
  }

  /** Drop all at or after this time. */
  forget(time: number): void {
    const keep = this.poses.findIndex((pose) => pose.time >= time);
    if (keep >= 0) this.poses.length = keep;
  }

  /** Drop what is older than this time, but for the one pose that holds there. */
  prune(time: number): void {
    const old = this.after(time) - 1;
    if (old > 0) this.poses.splice(0, old);
  }

  /** Write the pose at a time into `out`, holding the first and last beyond the ends; false when there is none. */
  sample(time: number, out: Pose): boolean {
    const at = this.after(time);
    const before = this.poses[at - 1] ?? this.poses[at];
    const after = this.poses[at] ?? before;
    if (!before || !after) return false;
    const span = after.time - before.time;
    blend(before, after, span > 0 ? (time - before.time) / span : 0, out);
    out.time = time;
    return true;
  }

  /** Index of the first pose later than a time. */
  private after(time: number): number {
    let low = 0;
    let high = this.poses.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.poses[middle]!.time > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Follows a timeline and never jumps: where time stands still it holds, eases to rest, and eases back when it goes on. */
export class Follower {
  readonly pose: Pose;
  private readonly raw: Pose;
  private presence = 0;
  private still = 0;

  /** False while it eases: what it shows is then no instant of the timeline. */
  get whole(): boolean {
    return this.presence === 1;
  }

  /** `rest` is where it eases to. */
  constructor(private readonly rest: Pose) {
    this.raw = restPose(rest.curves.length, rest.rotations.length / 4);
    this.pose = structuredClone(rest);
  }

  /** Move on by `elapsed` seconds to a session time; true while there are poses and time goes on. */
  follow(timeline: Timeline, time: number, elapsed: number): boolean {
    this.still = time > this.pose.time ? 0 : this.still + elapsed;
    const fed = timeline.sample(time, this.raw) && this.still <= HOLD;
    this.presence = Math.min(1, Math.max(0, this.presence + (fed ? elapsed : -elapsed) / EASE));
    const share = this.presence * this.presence * (3 - 2 * this.presence);
    blend(this.rest, this.raw, share, this.pose);
    this.pose.time = time;
    return fed;
  }
}

/** Curves and root linearly, rotations by normalised lerp along the shorter way: neighbours are close. */
export function blend(a: Pose, b: Pose, share: number, out: Pose): void {
  lerp(a.curves, b.curves, share, out.curves);
  lerp(a.root, b.root, share, out.root);
  for (let i = 0; i + 3 < out.rotations.length; i += 4) nlerp(a.rotations, b.rotations, share, out.rotations, i);
}

function lerp(a: Float32Array, b: Float32Array, share: number, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = a[i]! + (b[i]! - a[i]!) * share;
}

function nlerp(a: Float32Array, b: Float32Array, share: number, out: Float32Array, i: number): void {
  const dot = a[i]! * b[i]! + a[i + 1]! * b[i + 1]! + a[i + 2]! * b[i + 2]! + a[i + 3]! * b[i + 3]!;
  const to = dot < 0 ? -share : share;
  for (let k = i; k < i + 4; k++) out[k] = a[k]! * (1 - share) + b[k]! * to;
  const length = Math.hypot(out[i]!, out[i + 1]!, out[i + 2]!, out[i + 3]!) || 1;
  for (let k = i; k < i + 4; k++) out[k] = out[k]! / length;
}
