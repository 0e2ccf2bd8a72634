import numpy as np
import pytest

from bridge.curves import CURVES, INDEX
from bridge.face.mouth import VIRTUAL, Posture, pose, seal_of


def posture(count: int = 1, **values: object) -> Posture:
    rest = {name: np.zeros(count) for name in Posture._fields}
    return Posture(**(rest | {name: np.broadcast_to(np.asarray(v, float), (count,)) for name, v in values.items()}))


def test_rest_is_rest() -> None:
    assert not pose(posture(3)).any()


def test_both_sides_are_alike() -> None:
    rng = np.random.default_rng(1)
    curves = pose(posture(64, **{name: rng.random(64) for name in Posture._fields}))
    for name in CURVES:
        if name.endswith("Left") and name.startswith("mouth") and name != "mouthLeft":
            np.testing.assert_array_equal(curves[:, INDEX[name]], curves[:, INDEX[name[:-4] + "Right"]])


def test_a_seal_closes_an_open_jaw_on_any_rig() -> None:
    (row,) = pose(posture(jaw=0.5, part=0.3, funnel=0.4, seal=VIRTUAL))
    assert row[INDEX["jawOpen"]] <= 0.13
    assert 0.7 * row[INDEX["jawOpen"]] < row[INDEX["mouthClose"]] <= row[INDEX["jawOpen"]]
    assert row[INDEX["mouthPressLeft"]] > 0.3
    for opener in ("mouthFunnel", "mouthLowerDownLeft", "mouthUpperUpLeft"):
        assert row[INDEX[opener]] == 0


def test_pressing_begins_only_after_contact() -> None:
    curves = pose(posture(5, jaw=0.2, seal=[0, 0.5, 1, 1.2, VIRTUAL]))
    press = curves[:, INDEX["mouthPressLeft"]]
    assert press[:3].tolist() == [0, 0, 0]
    assert 0 < press[3] < press[4]


def test_the_seal_can_be_read_back() -> None:
    curves = pose(posture(5, jaw=0.3, tuck=[0, 1, 0, 1, 0], seal=[0, 0.25, 0.5, 1, VIRTUAL]))
    np.testing.assert_allclose(seal_of(curves), [0, 0.25, 0.5, 1, 1], atol=1e-6)


def test_a_tucked_lip_rolls_in_under_a_raised_upper_lip_and_gives_way_to_a_seal() -> None:
    tucked, both = pose(posture(2, jaw=0.4, tuck=VIRTUAL, seal=[0, 1]))
    assert tucked[INDEX["mouthRollLower"]] > 0.4
    assert tucked[INDEX["mouthUpperUpLeft"]] > 0.1
    assert tucked[INDEX["jawOpen"]] <= 0.2
    assert both[INDEX["mouthRollLower"]] == pytest.approx(0)


def test_the_tongue_stays_behind_closed_lips() -> None:
    out, shut = pose(posture(2, tongue=1, seal=[0, 1]))[:, INDEX["tongueOut"]]
    assert 0.2 < out < 0.4
    assert shut == 0
