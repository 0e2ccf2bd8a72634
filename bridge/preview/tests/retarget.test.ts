import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { match, weigher } from "../src/retarget";

interface Case {
  name: string;
  shapes: string[];
  matches: Record<string, string>;
  unmatched: string[];
  curves: Record<string, number>;
  weights: Record<string, number>;
}

const ROOT = new URL("../../../", import.meta.url);
const cases = JSON.parse(readFileSync(new URL("tests/retarget_cases.json", ROOT), "utf8")) as Case[];
/** The 52, from the one place that names them. */
const CURVES = readFileSync(new URL("bridge/curves.py", ROOT), "utf8").split("INDEX")[0]!.match(/(?<=")\w+(?=")/g)!;

it("knows the 52 curves", () => expect(CURVES.length).toBe(52));

it.each(cases.map((each) => [each.name, each] as const))("%s", (_, each) => {
  const report = match(CURVES, each.shapes);
  expect(Object.fromEntries(report.matches.map((m) => [m.shape, m.convention]))).toEqual(each.matches);
  expect(report.unmatched).toEqual(each.unmatched);
  for (const m of report.matches) {
    const face = CURVES.map((curve) => each.curves[curve] ?? 0);
    expect(weigher(m, CURVES)(face)).toBeCloseTo(each.weights[m.shape]!, 6);
    expect(m.guessed).toBe(m.convention === "guess");
  }
});

it("has every shape of every convention as bridge/retarget.py writes it out for Unity", () => {
  const written = readFileSync(new URL("unity_package/Runtime/Core/FaceTable.cs", ROOT), "utf8");
  const rows = [...written.matchAll(/^ +(".+"),$/gm)].map(([, row]) => (JSON.parse(row!) as string).split(" "));
  expect(rows.length).toBeGreaterThan(200);
  for (const [name, ...sum] of rows) {
    const terms = sum.flatMap((word, i) => (i % 2 ? [[word, Number(sum[i - 1])]] : []));
    expect(match(CURVES, [name!]).matches[0]?.terms, name).toEqual(Object.fromEntries(terms));
  }
});

it("finds every curve of a full ARKit rig, and none in nonsense", () => {
  expect(match(CURVES, CURVES).missing).toEqual([]);
  expect(match(CURVES, ["", "👻", "L", "Left", "Mouth", "blendShape1"]).matches).toEqual([]);
});
