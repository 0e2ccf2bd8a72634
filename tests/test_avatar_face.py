"""Lids that meet, lips that close, and a mesh that no curve tears."""

import numpy as np
import pytest
from avatar_js import sheet
from avatar_people import LID, LIPS, PEOPLE, Subject, sided, subject_of

from bridge.avatar.face import COLUMNS, EYE_IN, EYE_OUT, EYE_ROW, HALF, MOUTH, MOUTH_ROW, ROWS
from bridge.avatar.features import IRIS_FOLLOWS, eye_joint, iris, margins, mouth_bowl, sclera, teeth, tongue, upper_lash
from bridge.avatar.mesh import grid_triangles
from bridge.curves import CURVES

TOUCH = 0.03
"""Centimetres by which lips or lids may part and still be shut: less than the line that is drawn where they meet."""


@pytest.fixture(scope="module", params=PEOPLE)
def subject(request: pytest.FixtureRequest) -> Subject:
    return subject_of(request.param)


@pytest.fixture(scope="module")
def default() -> Subject:
    return subject_of("default")


def test_the_mouth_is_shut_at_rest(subject: Subject) -> None:
    assert np.abs(subject.lip_gap()).max() < 1e-9


@pytest.mark.parametrize("wide", [0.0, 0.6])
def test_a_blink_shuts_the_lids_along_the_whole_eye(subject: Subject, wide: float) -> None:
    gap = subject.lid_gap(eyeBlink=1, eyeWide=wide)
    assert gap.max() < TOUCH
    assert gap.min() > -0.35
    assert subject.lid_gap().max() > 2.0  # it was open before


@pytest.mark.parametrize("jaw", [0.1, 0.3, 0.6, 1.0])
def test_mouth_close_shuts_an_open_jaw(subject: Subject, jaw: float) -> None:
    """And the lower lip overlaps by a tenth of the way, so that nobody looks in between from below."""
    open_, shut = subject.lip_gap(jawOpen=jaw), subject.lip_gap(jawOpen=jaw, mouthClose=jaw)
    assert open_.max() > 1.0 * jaw
    assert shut.max() < 0.02
    assert shut.min() > -0.13 * open_.max()


@pytest.mark.parametrize(
    "pose",
    [
        {"jawOpen": 0.2, "mouthClose": 0.2, "mouthPress": 0.6},
        {"jawOpen": 0.15, "mouthClose": 0.15, "mouthRollLower": 0.5, "mouthRollUpper": 0.5},
        {"jawOpen": 0.25, "mouthClose": 0.25, "mouthPucker": 0.5, "mouthPress": 0.3},
        {"jawOpen": 0.2, "mouthClose": 0.2, "mouthSmile": 0.8},
        {"mouthSmile": 1.0, "mouthDimple": 1.0},
        {"mouthFrown": 1.0, "mouthShrugLower": 1.0},
        {"mouthPucker": 1.0, "cheekPuff": 1.0},
    ],
    ids=str,
)
def test_p_b_m_and_shut_moods_stay_shut(subject: Subject, pose: dict[str, float]) -> None:
    gap = subject.lip_gap(**pose)
    assert gap.max() < TOUCH
    assert gap.min() > -0.15


@pytest.mark.parametrize(
    "pose",
    [
        {"jawOpen": 0.7},
        {"jawOpen": 0.4, "mouthFunnel": 0.6},
        {"jawOpen": 0.3, "mouthPucker": 0.8},
        {"jawOpen": 0.5, "mouthSmile": 0.8, "mouthUpperUp": 0.3, "mouthLowerDown": 0.3},
        {"mouthLowerDown": 1.0, "mouthUpperUp": 1.0, "mouthStretch": 1.0},
        {"jawOpen": 0.3, "tongueOut": 0.7},
    ],
    ids=str,
)
def test_open_shapes_open_and_do_not_fold(subject: Subject, pose: dict[str, float]) -> None:
    gap = subject.lip_gap(**pose)
    assert gap.max() > 0.3
    assert gap.min() > -TOUCH
    x = subject.posed(**pose)[MOUTH_ROW, LIPS, 0]
    assert (np.diff(x) > 0).all()  # the lip does not fold back on itself


def test_half_a_blink_and_a_look_down_never_show_the_white_through_the_lid(subject: Subject) -> None:
    """The lid stays in front of the eye wherever it is on its way: seen from the front, cm."""
    white = sclera(subject.face).positions
    disc = iris(subject.face).positions
    for weight in (0.25, 0.5, 0.75, 1.0):
        posed = subject.posed(eyeBlink=weight)
        lid = posed[EYE_ROW, LID][2:-2]
        for part in (white, disc):
            distance = np.hypot(*(part[:, None, :2] - lid[None, :, :2]).transpose(2, 0, 1))
            nearest = distance.argmin(0)
            close = distance.min(0) < 0.2
            assert (lid[close, 2] > part[nearest[close], 2] + 0.05).all()


def test_lashes_and_margins_stay_on_the_lid(default: Subject) -> None:
    edge = default.shifts["eyeBlinkLeft"][EYE_ROW, LID]
    for part in (upper_lash(default.face, default.shifts), margins(default.face, default.shifts)[0]):
        moved = part.morphs["eyeBlinkLeft"]
        assert np.abs(moved.min(0) - edge.min(0)).max() < 1e-9


def test_every_curve_moves_something_and_stays_finite(subject: Subject) -> None:
    for curve in CURVES:
        shift = subject.shifts[curve]
        assert np.isfinite(shift).all()
        assert 0.05 < np.linalg.norm(shift, axis=-1).max() < 5.0, curve


def test_no_curve_tears_the_skin(subject: Subject) -> None:
    """Neighbours along a row stay neighbours: no edge grows by more than a centimetre and a bit."""
    for curve in CURVES:
        posed = subject.face.rest + subject.shifts[curve]
        grown = np.linalg.norm(np.diff(posed, axis=1), axis=-1) - np.linalg.norm(
            np.diff(subject.face.rest, axis=1), axis=-1
        )
        assert grown.max() < 1.3, curve


def test_beyond_a_slit_its_rows_never_part(subject: Subject) -> None:
    beyond_mouth = np.abs(np.arange(COLUMNS) - HALF) >= MOUTH
    column = np.abs(np.arange(COLUMNS) - HALF)
    beyond_eyes = (column <= EYE_IN) | (column >= EYE_OUT)
    for curve in CURVES:
        posed = subject.face.rest + subject.shifts[curve]
        for row, beyond in ((MOUTH_ROW, beyond_mouth), (EYE_ROW, beyond_eyes)):
            assert np.abs(posed[row, beyond] - posed[row + 1, beyond]).max() < 1e-3, curve


def test_curves_are_symmetric(subject: Subject) -> None:
    mirror = np.array([-1.0, 1.0, 1.0])
    for curve in CURVES:
        twin = curve.replace("Left", "*").replace("Right", "Left").replace("*", "Right")
        assert np.abs(subject.shifts[curve][:, ::-1] * mirror - subject.shifts[twin]).max() < 1e-6, curve


def test_curves_leave_the_back_of_the_head_alone(default: Subject) -> None:
    behind = default.face.rest[..., 2] < -2
    for curve in CURVES:
        assert np.abs(default.shifts[curve][behind]).max() < 1e-3, curve


@pytest.mark.parametrize(
    ("curve", "row", "column", "axis", "sign"),
    [
        ("mouthSmileLeft", MOUTH_ROW, MOUTH, 0, 1),
        ("mouthSmileLeft", MOUTH_ROW, MOUTH, 1, 1),
        ("mouthFrownRight", MOUTH_ROW, -MOUTH, 1, -1),
        ("mouthPucker", MOUTH_ROW, MOUTH, 0, -1),
        ("mouthPucker", MOUTH_ROW, 0, 2, 1),
        ("mouthFunnel", MOUTH_ROW + 1, 0, 1, -1),
        ("mouthLeft", MOUTH_ROW, 0, 0, 1),
        ("jawLeft", MOUTH_ROW + 1, 0, 0, 1),
        ("jawForward", MOUTH_ROW + 1, 0, 2, 1),
        ("jawOpen", MOUTH_ROW + 1, 0, 1, -1),
        ("mouthUpperUpLeft", MOUTH_ROW, MOUTH // 2, 1, 1),
        ("mouthLowerDownRight", MOUTH_ROW + 1, -MOUTH // 2, 1, -1),
        ("mouthRollLower", MOUTH_ROW + 1, 0, 2, -1),
        ("mouthDimpleLeft", MOUTH_ROW, MOUTH, 2, -1),
        ("eyeWideLeft", EYE_ROW, (EYE_IN + EYE_OUT) // 2, 1, 1),
        ("eyeSquintLeft", EYE_ROW + 1, (EYE_IN + EYE_OUT) // 2, 1, 1),
        ("eyeLookDownRight", EYE_ROW, -(EYE_IN + EYE_OUT) // 2, 1, -1),
        ("eyeLookOutLeft", EYE_ROW, (EYE_IN + EYE_OUT) // 2, 0, 1),
    ],
)
def test_curves_go_the_way_anatomy_goes(
    default: Subject, curve: str, row: int, column: int, axis: int, sign: int
) -> None:
    assert default.shifts[curve][row, HALF + column, axis] * sign > 0.03


@pytest.mark.parametrize("jaw", [0.1, 0.2, 0.4])
@pytest.mark.parametrize("out", [0.3, 0.5, 0.75, 1.0])
def test_the_tongue_comes_out_between_the_lips(subject: Subject, jaw: float, out: float) -> None:
    """Wherever the tongue is as far ahead as the lips, it passes between them."""
    part = tongue(subject.face)
    moved = part.positions + jaw * part.morphs["jawOpen"] + out * part.morphs["tongueOut"]
    posed = subject.posed(jawOpen=jaw, tongueOut=out)
    upper, lower = posed[MOUTH_ROW, LIPS], posed[MOUTH_ROW + 1, LIPS]
    floor, ceiling = (np.interp(moved[:, 0], lip[:, 0], lip[:, 1]) for lip in (lower, upper))
    depth = np.interp(moved[:, 0], lower[:, 0], lower[:, 2])
    ahead = moved[:, 2] > depth
    assert (moved[ahead, 1] > floor[ahead] - 0.12).all()
    assert (moved[ahead, 1] < ceiling[ahead] + 0.12).all()


def test_the_iris_turns_with_its_bone_and_stays_behind_the_lids(default: Subject) -> None:
    """At 20 degrees in any direction the part of the iris within the opening stays behind the lids' plane."""
    part = iris(default.face)
    joint = eye_joint(default.face)
    assert set(part.skin) == {"leftEye", "head"}
    for axis, angle in ((0, 0.35), (0, -0.35), (1, 0.35), (1, -0.35)):
        c, s = np.cos(angle), np.sin(angle)
        turn = np.array([[[1, 0, 0], [0, c, -s], [0, s, c]], [[c, 0, s], [0, 1, 0], [-s, 0, c]]])[axis]
        turned = (part.positions - joint) @ turn.T + joint
        skinned = IRIS_FOLLOWS * turned + (1 - IRIS_FOLLOWS) * part.positions
        middle = skinned.mean(0) - part.positions.mean(0)
        assert 0.3 < np.hypot(middle[0], middle[1]) < 0.8
        skin = default.face.surface.depth(skinned[:, 0], skinned[:, 1])
        assert (skinned[:, 2] < skin + 0.1).all()  # within the opening there is no skin to pierce


def test_the_grid_is_as_large_as_it_says(default: Subject) -> None:
    assert default.face.rest.shape == (ROWS, COLUMNS, 3)
    assert np.isfinite(default.face.rest).all()


@pytest.fixture(scope="module")
def spoken() -> list[tuple[str, dict[str, float]]]:
    return sheet.spoken()


def test_the_sentence_can_be_read_from_the_lips(default: Subject, spoken: list[tuple[str, dict[str, float]]]) -> None:
    """Bob's five big thumbs move pure food: the bridge's curves on this face, at each phone's middle."""
    gaps = {"b": [], "p": [], "m": [], "f": [], "v": [], "ɒ": [], "ʌ": [], "uː": []}  # type: dict[str, list[float]]
    widths = {"uː": [], "ɪ": []}  # type: dict[str, list[float]]
    for phone, curves in spoken:
        posed = default.posed(**curves)
        if phone in gaps:
            gaps[phone].append(float(default.lip_gap(**curves).max()))
        if phone in widths:
            widths[phone].append(float(np.ptp(posed[MOUTH_ROW, LIPS, 0])))
    assert max(gaps["b"] + gaps["p"] + gaps["m"]) < TOUCH
    assert max(gaps["f"] + gaps["v"]) < 0.4  # the lower lip at the upper teeth
    assert min(gaps["ɒ"] + gaps["ʌ"]) > 0.8
    assert max(widths["uː"]) < 0.8 * min(widths["ɪ"])


def test_th_brings_the_tongue_to_the_teeth(default: Subject, spoken: list[tuple[str, dict[str, float]]]) -> None:
    curves = dict(spoken)["θ"]
    part, upper = tongue(default.face), teeth(default.face)[0]
    moved = part.positions + curves["jawOpen"] * part.morphs["jawOpen"] + curves["tongueOut"] * part.morphs["tongueOut"]
    assert moved[:, 2].max() > upper.positions[:, 2].max() - 0.15


@pytest.mark.parametrize(
    "mood",
    [
        {"eyeSquint": 0.65, "cheekSquint": 0.5, "browDown": 0.7},
        {"eyeSquint": 0.5, "browDown": 0.8},
        {"cheekSquint": 0.6, "eyeSquint": 0.25},
        {"eyeLookDown": 0.5},
    ],
    ids=str,
)
def test_a_blink_in_any_mood_lays_the_upper_lid_over_the_lower(subject: Subject, mood: dict[str, float]) -> None:
    """Lids that a mood brings together cross when they shut; the upper one must then be in front."""
    posed = subject.posed(eyeBlink=1, **mood)
    upper, lower = posed[EYE_ROW, LID][3:-3], posed[EYE_ROW + 1, LID][3:-3]
    assert (upper[:, 2] > lower[:, 2] + 0.02).all()


@pytest.mark.parametrize(
    "pose",
    [
        {},
        {"jawOpen": 1.0},
        {"jawOpen": 1.0, "mouthClose": 1.0},
        {"jawOpen": 0.5, "mouthSmile": 1.0},
        {"mouthClose": 1.0},
    ],
    ids=str,
)
def test_from_the_side_the_cheek_hides_the_inside_of_the_mouth(subject: Subject, pose: dict[str, float]) -> None:
    bowl = mouth_bowl(subject.face)
    points = bowl.positions + sum(
        (weight * bowl.morphs[curve] for name, weight in pose.items() for curve in sided(name)), np.zeros((1, 3))
    )
    cheek = subject.posed(**pose)[:, HALF:].reshape(-1, 3)[grid_triangles(ROWS, HALF + 1)]
    left = points[points[:, 0] > 0.05]
    assert left[:, 0].max() > 1.5
    assert hidden_from_the_side(left, cheek).all()


def hidden_from_the_side(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """(n,): whether a triangle (m, 3, 3) lies further along +X than each point (n, 3), seen along that axis."""
    a, b, c = (triangles[:, k, 1:] for k in range(3))
    area = _cross(b - a, c - a)
    area = np.where(np.abs(area) > 1e-12, area, np.inf)
    p = points[:, None, 1:]
    v, w = _cross(p - a, c - a) / area, _cross(b - a, p - a) / area
    u = 1 - v - w
    x = u * triangles[:, 0, 0] + v * triangles[:, 1, 0] + w * triangles[:, 2, 0]
    inside = (u >= 0) & (v >= 0) & (w >= 0) & np.isfinite(area)
    return np.asarray((inside & (x > points[:, :1])).any(1))


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
