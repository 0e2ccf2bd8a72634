import { describe, expect, it } from "vitest";
import { Clock } from "../src/clock";

/** Deterministic noise in 0..1 (Park and Miller's generator). */
function noise(seed = 7): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/**
 * A server whose session runs `skew` times as fast as local time, `away` seconds behind, heard with `jitter` seconds at
 * most; pinged once a second, the clock advanced 60 times a second.
 */
class World {
  readonly clock = new Clock();
  readonly random = noise();
  now = 100;
  lastPing = -Infinity;
  /** All has come up to this session time. */
  end = Infinity;

  constructor(
    public jitter = 0,
    readonly skew = 1,
    public away = 100,
  ) {}

  /** The server's present. */
  session(local = this.now): number {
    return (local - this.away) * this.skew;
  }

  run(seconds: number, sounding = false, each: () => void = () => {}): void {
    for (const end = this.now + seconds; this.now < end; this.now += 1 / 60) {
      if (this.now - this.lastPing >= 1) this.ping();
      this.clock.advance(this.now, sounding, this.end);
      each();
    }
  }

  ping(): void {
    this.lastPing = this.now;
    this.clock.observe(this.now + this.jitter * this.random(), this.session());
  }

  /** How far the play-head is behind the server's present. */
  get behind(): number {
    return this.session() - this.clock.session(this.now);
  }
}

describe("Clock", () => {
  it("is set by the first observation and runs a guard behind the present", () => {
    const world = new World();
    expect(world.clock.set).toBe(false);
    world.run(0.1);
    expect(world.clock.set).toBe(true);
    expect(world.behind).toBeCloseTo(0.017, 3);
    expect(world.clock.local(world.clock.session(5))).toBeCloseTo(5, 9);
  });

  it("waits for the sound device and for the jitter, and no longer", () => {
    const world = new World(0.03);
    world.clock.latency = 0.04;
    world.run(60);
    expect(world.behind).toBeGreaterThan(0.04 + 0.03 * 0.8);
    expect(world.behind).toBeLessThan(0.04 + 0.03 + 0.02);
  });

  it.each([100, -100])("follows a drift of %i ppm without a jump, and tells it", (ppm) => {
    const world = new World(0.005, 1 + ppm * 1e-6);
    world.run(30);
    world.run(300, true, () => expect(Math.abs(world.behind - 0.022)).toBeLessThan(0.015));
    expect(world.clock.jumps).toBe(0);
    expect(world.clock.drift).toBeCloseTo(-ppm, -1.5);
  });

  it("takes a page that was busy at its start for no drift", () => {
    const world = new World(0.4);
    world.run(8);
    world.jitter = 0.002;
    world.run(25);
    expect(Math.abs(world.clock.drift)).toBeLessThan(200);
  });

  it("never moves the play-head faster than may be heard", () => {
    const world = new World(0.05);
    world.run(5);
    let before = world.clock.session(world.now);
    world.run(20, true, () => {
      const at = world.clock.session(world.now);
      if (at !== before) expect(Math.abs(at - before - 1 / 60)).toBeLessThan(0.0006 / 60);
      before = at;
    });
  });

  it("pauses for what comes late, and forgives in silence", () => {
    const world = new World();
    world.run(5);
    const before = world.behind;
    expect(world.clock.pause(0.08)).toBeCloseTo(0.08, 9);
    expect(world.behind).toBeCloseTo(before + 0.08, 6);
    world.run(20, true);
    expect(world.behind).toBeCloseTo(before + 0.08, 2);
    world.run(60);
    expect(world.behind).toBeCloseTo(before, 2);
  });

  it("grants no more than half a second", () => {
    const world = new World();
    world.run(1);
    expect(world.clock.pause(3)).toBeCloseTo(0.5 - 0.017, 3);
    expect(world.clock.pause(3)).toBe(0);
    expect(world.behind).toBeCloseTo(0.5, 3);
  });

  it.each([-2, 2])("jumps when a clock is set by %i s, within three pings", (step) => {
    const world = new World(0.005);
    world.run(10);
    world.away += step;
    world.run(4);
    expect(world.clock.jumps).toBeGreaterThan(0);
    expect(Math.abs(world.behind - 0.02)).toBeLessThan(0.02);
  });

  it("takes no notice of a single late ping", () => {
    const world = new World(0.004);
    world.run(10);
    const before = world.behind;
    world.clock.observe(world.now + 1.5, world.session());
    world.run(0.5);
    expect(world.behind).toBeCloseTo(before, 2);
    expect(world.clock.jumps).toBe(0);
  });

  it("stands still where nothing has come, and goes on from there", () => {
    const world = new World();
    world.run(5);
    world.end = world.session() + 0.1;
    world.run(0.4, true);
    expect(world.clock.session(world.now)).toBeCloseTo(world.end, 1);
    expect(world.clock.waited).toBeGreaterThan(0.25);
    const before = world.clock.session(world.now);
    world.end = Infinity;
    world.run(0.2, true);
    expect(world.clock.session(world.now) - before).toBeCloseTo(0.2, 1);
    expect(world.clock.jumps).toBe(0);
  });

  it("does not run later for a stall that nobody heard", () => {
    const world = new World();
    world.run(5);
    const before = world.behind;
    world.end = world.session() + 0.1;
    world.run(0.4);
    world.end = Infinity;
    world.run(0.2);
    expect(world.behind).toBeCloseTo(before, 2);
  });

  it("knows no drift before it has seen enough", () => {
    const world = new World();
    world.run(10);
    expect(world.clock.drift).toBeNaN();
  });
});
