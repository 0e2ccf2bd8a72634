"""The 52 ARKit curves on faces that call, or shape, things otherwise.

`retarget.json` is the one table, read by this module and by the page: for each convention the names of its shapes and
the curves that drive each. A star stands for either side; a starred curve under a name without a star is the mean of
both sides; "a/b" is how much of b is taken back by a (MetaHuman's lips together); "same" gives another name to a shape
of any convention. Curves drive whole mouths (vowels, visemes) by the inverse of what bridge/face makes of phones: the
weights are ours, set so that a full vowel gives 1.

It lies beside this module and not in proto/, as it is installed with the program: names are how a client draws, and no
part of the wire.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bridge.curves import CURVES

Terms = Mapping[str, float]
"""Curves and their weights in a sum."""

SHUT = 1e-3
"""A jaw's opening below which lips are together of themselves."""
SIDES = ("Left", "Right")


@dataclass(frozen=True, slots=True)
class Match:
    """A shape of a character: the convention that names it, what drives it, and whether that was only guessed."""

    shape: str
    convention: str
    terms: Terms
    guessed: bool = False

    @property
    def sides(self) -> bool:
        """Whether it follows both sides of one curve alike."""
        return len(self.terms) == 2 and len({_stem(c) for c in self.terms}) == 1 and sum(self.terms.values()) == 1

    @property
    def whole(self) -> bool:
        """Whether it follows a sum of curves, as a vowel or an expression does."""
        return not self.sides and any(weight != 1 for weight in self.terms.values())

    def weight(self, curves: Mapping[str, float]) -> float:
        """The shape's weight where the face has these curves; curves that are not named are 0. Sums stay in 0..1."""
        total = sum(weight * _value(term, curves) for term, weight in self.terms.items())
        return min(1.0, max(0.0, total)) if self.whole else total


@dataclass(frozen=True, slots=True)
class Report:
    """What moves what: for people to look at before it is used."""

    matches: tuple[Match, ...]
    unmatched: tuple[str, ...]
    """Shapes that nothing moves."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Curves that move nothing."""
        used = {part for match in self.matches for term in match.terms for part in term.split("/")}
        return tuple(curve for curve in CURVES if curve not in used)

    def weights(self, curves: Mapping[str, float]) -> dict[str, float]:
        """Every matched shape's weight."""
        return {match.shape: match.weight(curves) for match in self.matches}


def match(shapes: Iterable[str]) -> Report:
    """Match a character's shapes by their names.

    Shapes for one curve come first; then those for both its sides and whole mouths and expressions, but only of curves
    that nothing else follows, so that nothing moves twice. Whole mouths are for characters without a jaw's shape.
    """
    names = list(dict.fromkeys(shapes))
    known = {name: _table().get(plain(name)) or _guess(name) for name in names}
    found = [Match(name, *facts) for name, facts in known.items() if facts and facts[1]]
    used = {term for m in found if len(m.terms) == 1 and not m.whole for term in m.terms}
    speaks = "jawOpen" in used
    chosen = {m.shape: m for m in found if not _twice(m, used) and not (m.whole and speaks and _in_mouth(m))}
    return Report(tuple(chosen[n] for n in names if n in chosen), tuple(n for n in names if n not in chosen))


def _twice(m: Match, used: set[str]) -> bool:
    """Whether it would move again what shapes for one curve move."""
    return (m.sides or m.whole) and not used.isdisjoint(m.terms)


def _in_mouth(m: Match) -> bool:
    return any(term.startswith(("jaw", "mouth", "tongue")) for term in m.terms)


def conventions() -> tuple[str, ...]:
    """The names of the conventions in the table."""
    return tuple(_json())


def shapes(convention: str) -> dict[str, Terms]:
    """A convention's shapes and what drives them. Raises KeyError for a name that is not in `conventions`."""
    return {m.shape: m.terms for m in _rows() if m.convention == convention}


def by_plain_name() -> dict[str, Terms]:
    """What drives every shape that is known, by its name as `plain` gives it."""
    return {name: terms for name, (_, terms, _) in _table().items()}


def inverse(convention: str, weights: Mapping[str, float]) -> dict[str, float]:
    """The curves that these shapes of a convention stand for: the mean where several follow one curve.

    Only shapes for a single curve have an inverse; whole mouths are left out. Raises KeyError as `shapes` does.
    """
    table = shapes(convention)
    found: dict[str, list[float]] = {}
    for name, weight in weights.items():
        terms = table.get(name, {})
        if len(terms) == 1 and (curve := next(iter(terms))) in CURVES and terms[curve] == 1:
            found.setdefault(curve, []).append(weight)
    return {curve: sum(values) / len(values) for curve, values in found.items()}


def plain(name: str) -> str:
    """A name without a mesh's name or Character Creator's number in front, spaces, case and short sides:
    "Face.M_eyeBlink_L" is "meyeblinkleft"."""
    name = re.sub(r"^.*(?=CTRL_expressions_)|^[AT]\d\d_", "", name)
    name = re.sub(r"^vrc\.v_|^v_(?=[A-Za-z]+$)", "viseme_", name)
    name = re.sub(r"[ ._](L|R)$", lambda found: dict(zip("LR", SIDES, strict=True))[found[1]], name)
    return re.sub(r"[\W_]", "", re.split(r"[.:]", name)[-1]).lower()


def words(name: str) -> frozenset[str]:
    """The words of a name in lower case, sides written out: "Left_eyeBlink" is left, eye, blink."""
    found = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", re.split(r"[:]", name)[-1])
    return frozenset({"l": "left", "r": "right"}.get(word.lower(), word.lower()) for word in found)


def _guess(name: str) -> tuple[str, Terms, bool] | None:
    """The curve whose words these are, in any order, or all of them but a part of the face; else nothing."""
    said = words(name)
    if not said - {"left", "right"} or said <= {"left", "right", "eye", "mouth", "jaw", "brow", "cheek", "nose"}:
        return None
    fits = [curve for curve in CURVES if said <= words(curve)]
    if len({_stem(curve) for curve in fits}) != 1:
        return None
    return "guess", {curve: 1 / len(fits) for curve in fits}, True


def _value(term: str, curves: Mapping[str, float]) -> float:
    top, _, bottom = term.partition("/")
    value = curves.get(top, 0.0)
    if not bottom:
        return value
    whole = curves.get(bottom, 0.0)
    return 0.0 if whole < SHUT else min(1.0, max(0.0, value / whole))


@cache
def _json() -> dict[str, dict[str, dict[str, Terms]]]:
    text = files("bridge").joinpath("retarget.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


@cache
def _rows() -> tuple[Match, ...]:
    """Every shape of every convention."""
    rows = [Match(curve, "ARKit", {curve: 1.0}) for curve in CURVES]
    for convention, block in _json().items():
        prefix = str(block.get("prefix", ""))
        for name, terms in block["shapes"].items():
            rows += [Match(prefix + n, convention, t) for n, t in _sided(name, terms, tuple(block["sides"]))]
    by_name = {row.shape: row.terms for row in rows}
    for convention, block in _json().items():
        rows += [Match(name, convention, by_name[str(of)]) for name, of in block.get("same", {}).items()]
    return tuple(rows)


def _sided(name: str, terms: Terms, letters: tuple[str, ...]) -> list[tuple[str, Terms]]:
    if "*" not in name:
        return [(name, _both(terms))]
    pairs = zip(SIDES, letters, strict=True)
    return [(name.replace("*", short), {c.replace("*", side): w for c, w in terms.items()}) for side, short in pairs]


def _both(terms: Terms) -> Terms:
    """A starred curve as the mean of its two sides."""
    out: dict[str, float] = {}
    for curve, weight in terms.items():
        sides = [curve.replace("*", side) for side in SIDES] if "*" in curve else [curve]
        out |= {side: weight / len(sides) for side in sides}
    return out


@cache
def _table() -> dict[str, tuple[str, Terms, bool]]:
    """By plain name; what comes first in the table stays."""
    out: dict[str, tuple[str, Terms, bool]] = {}
    for row in _rows():
        out.setdefault(plain(row.shape), (row.convention, row.terms, False))
    return out


def _stem(curve: str) -> str:
    return re.sub("(Left|Right)$", "", curve)
