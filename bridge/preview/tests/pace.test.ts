import { expect, it } from "vitest";
import { Pace } from "../src/pace";

/** Draws for so many seconds at so many pictures a second at each level; returns the levels passed through. */
function drawn(pace: Pace, seconds: number, rate: (level: number) => number, begin = 0): number[] {
  const levels = [pace.level];
  for (let now = begin; now < begin + seconds * 1000; now += 1000 / rate(pace.level)) {
    if (pace.picture(now)) levels.push(pace.level);
  }
  return levels;
}

it("leaves a machine that keeps up alone, and tells its rate", () => {
  const pace = new Pace(4);
  expect(drawn(pace, 60, () => 60)).toEqual([0]);
  expect(pace.rate).toBeCloseTo(60, -0.5);
});

it("draws less and less until the machine keeps up, and no less than that", () => {
  expect(drawn(new Pace(4), 30, (level) => 25 + 8 * level)).toEqual([0, 1, 2]);
  expect(drawn(new Pace(4), 60, (level) => 2 + 2 * level)).toEqual([0, 1, 2, 3, 4]);
});

it("draws all again where less is no quicker: the screen is slow, or a battery is saved", () => {
  const pace = new Pace(2);
  expect(drawn(pace, 120, () => 30)).toEqual([0, 1, 2, 0]);
});

it("draws more again after a while, and waits longer where that was too much", () => {
  const pace = new Pace(4);
  drawn(pace, 4, (level) => (level < 2 ? 20 : 60));
  pace.pause();
  const levels = drawn(pace, 60, (level) => (level < 1 ? 20 : 60), 10_000);
  expect(levels).toEqual([1, 0, 1]); // after 20 s more, soon less; 40 s have not passed since
});

it("takes a hidden tab for no slow machine, and never changes where the pixels are given", () => {
  const pace = new Pace(4);
  for (let begin = 0; begin < 600_000; begin += 60_000) {
    expect(drawn(pace, 2, () => 60, begin)).toEqual([0]);
    pace.pause();
  }
  expect(drawn(new Pace(0), 60, () => 10)).toEqual([0]);
});
