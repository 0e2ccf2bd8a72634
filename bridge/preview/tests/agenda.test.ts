import { expect, it } from "vitest";
import { Agenda } from "../src/agenda";

function agenda(...times: number[]): Agenda<{ time: number }> {
  const agenda = new Agenda<{ time: number }>(5);
  times.forEach((time) => agenda.insert({ time }));
  return agenda;
}

const times = (items: { time: number }[]) => items.map((item) => item.time);

it("gives what is due, once, in order", () => {
  const some = agenda(3, 1, 2);
  expect(times(some.due(0.5))).toEqual([]);
  expect(times(some.due(2))).toEqual([1, 2]);
  expect(times(some.due(9))).toEqual([3]);
  expect(times(some.due(9))).toEqual([]);
});

it("keeps the order of what has the same time", () => {
  const some = new Agenda<{ time: number; name: string }>();
  for (const name of ["first", "second"]) some.insert({ time: 1, name });
  expect(some.due(1).map((item) => item.name)).toEqual(["first", "second"]);
});

it("forgets a time and all after it", () => {
  const some = agenda(1, 2, 3);
  some.forget(2);
  expect(times(some.due(9))).toEqual([1]);
});

it("is bounded, the newest kept", () => {
  expect(times(agenda(1, 2, 3, 4, 5, 6, 7).due(9))).toEqual([3, 4, 5, 6, 7]);
});
