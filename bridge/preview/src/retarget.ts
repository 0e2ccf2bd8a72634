/**
 * The curves on faces that call, or shape, things otherwise: bridge/retarget.py for the browser, from the same table and
 * held to the same cases (tests/retarget_cases.json).
 */

import table from "../../retarget.json";

/** Curves and their weights in a sum; "a/b" is the share of b that a takes back. */
export type Terms = Readonly<Record<string, number>>;

/** A shape of a character, the convention that names it, what drives it, and whether that was only guessed. */
export interface Match {
  shape: string;
  convention: string;
  terms: Terms;
  guessed: boolean;
}

export interface Report {
  matches: Match[];
  /** Shapes that nothing moves. */
  unmatched: string[];
  /** Curves that move nothing. */
  missing: string[];
}

type Facts = Omit<Match, "shape">;

interface Convention {
  sides: string[];
  prefix?: string;
  shapes: Record<string, Record<string, number>>;
  same?: Record<string, string>;
}

/** A jaw's opening below which lips are together of themselves. */
const SHUT = 1e-3;
const SIDES = ["Left", "Right"];
const PARTS = new Set(["left", "right", "eye", "mouth", "jaw", "brow", "cheek", "nose"]);

/** Match a character's shapes by their names; see bridge/retarget.py for what comes before what. */
export function match(curves: readonly string[], shapes: Iterable<string>): Report {
  const names = [...new Set(shapes)];
  const known = tableOf(curves);
  const found = names.flatMap((shape) => {
    const facts = known.get(plain(shape)) ?? guess(curves, shape);
    return facts && terms(facts).length > 0 ? [{ shape, ...facts }] : [];
  });
  const used = new Set(found.filter((m) => terms(m).length === 1 && !isWhole(m)).flatMap(terms));
  const twice = (m: Match) => (isPair(m) || isWhole(m)) && terms(m).some((term) => used.has(term));
  const speaks = used.has("jawOpen");
  const matches = found.filter((m) => !twice(m) && !(isWhole(m) && speaks && inMouth(m)));
  const matched = new Set(matches.map((m) => m.shape));
  const driving = new Set(matches.flatMap(terms).flatMap((term) => term.split("/")));
  return {
    matches,
    unmatched: names.filter((name) => !matched.has(name)),
    missing: curves.filter((curve) => !driving.has(curve)),
  };
}

/** What tells the shape's weight where the face has weights of these curves. Sums stay in 0..1. */
export function weigher(m: Match, curves: readonly string[]): (weights: ArrayLike<number>) => number {
  const parts = Object.entries(m.terms).map(([term, share]) => {
    const [top, bottom] = term.split("/").map((name) => curves.indexOf(name)) as [number, number | undefined];
    return { top, bottom, share };
  });
  const whole = isWhole(m);
  return (weights) => {
    let total = 0;
    for (const { top, bottom, share } of parts) total += share * value(weights, top, bottom);
    return whole ? Math.min(1, Math.max(0, total)) : total;
  };
}

/** A name without a mesh's name or Character Creator's number in front, spaces, case and short sides. */
export function plain(name: string): string {
  const plainer = name
    .replace(/^.*(?=CTRL_expressions_)|^[AT]\d\d_/, "")
    .replace(/^vrc\.v_|^v_(?=[A-Za-z]+$)/, "viseme_")
    .replace(/[ ._]([LR])$/, (_, side: string) => (side === "L" ? "Left" : "Right"));
  return plainer.split(/[.:]/).at(-1)!.replace(/[^\p{L}\p{N}]/gu, "").toLowerCase();
}

/** The words of a name in lower case, sides written out. */
function words(name: string): Set<string> {
  const found = name.split(":").at(-1)!.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? [];
  const sides: Record<string, string> = { l: "left", r: "right" };
  return new Set(found.map((word) => sides[word.toLowerCase()] ?? word.toLowerCase()));
}

/** The curve whose words these are, in any order, or all of them but a part of the face; else nothing. */
function guess(curves: readonly string[], name: string): Facts | null {
  const said = [...words(name)];
  if (said.every((word) => PARTS.has(word))) return null;
  const fits = curves.filter((curve) => said.every((word) => words(curve).has(word)));
  if (new Set(fits.map(stem)).size !== 1) return null;
  return { convention: "guess", terms: Object.fromEntries(fits.map((curve) => [curve, 1 / fits.length])), guessed: true };
}

/** A curve's weight, or its share in another's; a curve that is not there is 0. */
function value(weights: ArrayLike<number>, top: number, bottom?: number): number {
  const weight = weights[top] ?? 0;
  if (bottom === undefined) return weight;
  const all = weights[bottom] ?? 0;
  return all < SHUT ? 0 : Math.min(1, Math.max(0, weight / all));
}

const terms = (m: { terms: Terms }) => Object.keys(m.terms);
const stem = (curve: string) => curve.replace(/(Left|Right)$/, "");
const inMouth = (m: Match) => terms(m).some((term) => /^(jaw|mouth|tongue)/.test(term));

/** Whether it follows both sides of one curve alike. */
function isPair(m: Match): boolean {
  const shares = Object.values(m.terms);
  return shares.length === 2 && new Set(terms(m).map(stem)).size === 1 && shares[0]! + shares[1]! === 1;
}

/** Whether it follows a sum of curves, as a vowel or an expression does. */
function isWhole(m: Match): boolean {
  return !isPair(m) && Object.values(m.terms).some((share) => share !== 1);
}

/** By plain name; what comes first in the table stays. */
function tableOf(curves: readonly string[]): Map<string, Facts> {
  const rows = curves.map((curve): Match => ({ shape: curve, convention: "ARKit", terms: { [curve]: 1 }, guessed: false }));
  const conventions = Object.entries(table as Record<string, Convention>);
  for (const [convention, { prefix = "", sides, shapes }] of conventions) {
    for (const [name, driven] of Object.entries(shapes)) {
      for (const [shape, terms] of sided(name, driven, sides)) {
        rows.push({ shape: prefix + shape, convention, terms, guessed: false });
      }
    }
  }
  const byName = new Map(rows.map((row) => [row.shape, row.terms]));
  for (const [convention, { same = {} }] of conventions) {
    for (const [shape, of] of Object.entries(same)) rows.push({ shape, convention, terms: byName.get(of)!, guessed: false });
  }
  return new Map(rows.reverse().map(({ shape, ...facts }) => [plain(shape), facts]));
}

/** A starred name for both sides; a starred curve under a name without a star is the mean of both sides. */
function sided(name: string, driven: Terms, letters: string[]): [string, Terms][] {
  const entries = Object.entries(driven);
  const on = (side: string) => entries.map(([curve, share]) => [curve.replace("*", side), share] as const);
  if (name.includes("*")) return SIDES.map((side, i) => [name.replace("*", letters[i]!), Object.fromEntries(on(side))]);
  const both = entries.flatMap(([curve, share]) =>
    curve.includes("*") ? SIDES.map((side) => [curve.replace("*", side), share / 2] as const) : [[curve, share] as const],
  );
  return [[name, Object.fromEntries(both)]];
}
