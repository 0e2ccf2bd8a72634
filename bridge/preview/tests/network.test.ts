/** The cases of proto/cases: what a bad network, drifting clocks and a halting server do to the page. */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { GLOBALS } from "./device";
import { Simulation, wrapped, type Case, type Image, type World } from "./network";

const path = new URL("../../../proto/cases/network.json", import.meta.url);
const { world, cases } = JSON.parse(readFileSync(path, "utf8")) as { world: World; cases: Case[] };
const IMAGE = 1e6 / world.render_hz;
const MARKS = (world.mark_period * 1e6) / world.audio_rate;

beforeAll(() => Object.entries(GLOBALS).forEach(([name, value]) => vi.stubGlobal(name, value)));
afterAll(() => vi.unstubAllGlobals());

function percentile(values: number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))] ?? 0;
}

/** Images and their forerunners within one session. */
function steps(images: Image[]): { image: Image; step: number }[] {
  const pairs = images.slice(1).map((image, i) => ({ image, before: images[i]! }));
  return pairs
    .filter(({ image, before }) => image.session === before.session)
    .map(({ image, before }) => ({ image, step: wrapped(image.shown - before.shown, world.phase_period_us) }));
}

function measure(plan: Case) {
  const simulation = new Simulation(world, plan).run();
  const settled = simulation.images.filter((image) => image.t >= world.settle_us);
  const { disturbance } = plan;
  const upset = (t: number) =>
    disturbance !== null && t >= disturbance.begin_us && t < disturbance.end_us + (plan.expect.recovery_us ?? 0);
  const lips = settled.map((i) => Math.abs(wrapped(simulation.timeOf(i) - i.heard, MARKS))).filter((x) => !Number.isNaN(x));
  const delays = settled.filter((image) => !upset(image.t)).map((image) => image.delay);
  return {
    lips: percentile(lips, 0.99),
    heard: lips.length,
    stepsBack: steps(simulation.images).filter(({ step }) => step < -1000).length,
    delayMin: Math.min(...delays),
    delayMax: Math.max(...delays),
    underrun: simulation.underrun,
    silent: simulation.silent().filter((image) => image.t >= world.settle_us).length * IMAGE,
    skipped: steps(settled).reduce((sum, { step }) => sum + (step > 50_000 ? step - IMAGE : 0), 0),
    voided: simulation.voided().length * IMAGE,
  };
}

describe.each(cases)("$name", (plan) => {
  it("stays within its bounds", { timeout: 120_000 }, () => {
    const saw = measure(plan);
    const { expect: bounds } = plan;
    expect(saw.heard).toBeGreaterThan(100);
    expect(saw.lips).toBeLessThanOrEqual(bounds.lips_p99_us!);
    expect(saw.stepsBack).toBe(bounds.steps_back);
    expect(saw.delayMin).toBeGreaterThanOrEqual(bounds.delay_min_us!);
    expect(saw.delayMax).toBeLessThanOrEqual(bounds.delay_max_us!);
    expect(saw.underrun).toBeGreaterThanOrEqual(bounds.underrun_min_us!);
    expect(saw.underrun).toBeLessThanOrEqual(bounds.underrun_max_us!);
    expect(saw.silent).toBeLessThanOrEqual(bounds.silent_max_us!);
    expect(saw.skipped).toBeLessThanOrEqual(bounds.skipped_max_us!);
    expect(saw.voided).toBeLessThanOrEqual(bounds.voided_max_us ?? Infinity);
  });
});
