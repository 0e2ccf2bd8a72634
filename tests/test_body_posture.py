import numpy as np
import pytest

from bridge.body.bounds import EYES, MAX_JOINT_SPEED, angular_speed
from bridge.body.kinematics import LEGS, positions
from bridge.body.posture import POSTURES, posture
from bridge.face.emotion import EMOTIONS, EmotionTimeline
from bridge.frames import FRAME_RATE
from bridge.skeleton import JOINT_INDEX, Array, multiply, rest_rotations, rotation_vector


def weights(name: str, *levels: float) -> Array:
    out = np.zeros((len(levels), len(EMOTIONS)), np.float32)
    out[:, EMOTIONS.index(name)] = levels
    return out


def place(name: str, joint: str) -> Array:
    """Where a joint is (3,), metres, in the T-pose that an emotion carries."""
    return positions(posture(weights(name, 1)), np.zeros((1, 3), np.float32))[0, JOINT_INDEX[joint]]


def test_every_emotion_has_its_row() -> None:
    assert POSTURES.shape == (len(EMOTIONS), 22, 3)
    assert not POSTURES[EMOTIONS.index("neutral")].any()


@pytest.mark.parametrize("name", [name for name in EMOTIONS if name != "neutral"])
def test_emotions_carry_the_body_visibly_but_not_wildly(name: str) -> None:
    turn = np.degrees(np.linalg.norm(rotation_vector(posture(weights(name, 1))[0]), axis=-1))
    assert 3 < turn.max() < 25
    assert not turn[[0, *LEGS, *EYES]].any()  # feet stay planted; eyes stay on what they look at


def test_the_head_tells_them_apart() -> None:
    def pitch(name: str) -> float:
        q = posture(weights(name, 1))[0]
        head = q[JOINT_INDEX["spine"]]
        for joint in ("chest", "upperChest", "neck", "head"):
            head = multiply(head, q[JOINT_INDEX[joint]])
        return float(np.degrees(rotation_vector(head))[0])

    assert pitch("sad") > 10  # sunk
    assert pitch("happy") < 0
    assert pitch("scornful") < -5  # chin up
    assert place("angry", "head")[2] > place("neutral", "head")[2] + 0.01  # forward
    assert place("afraid", "head")[2] < place("neutral", "head")[2] - 0.003  # shrinking back


def test_shoulders_rise_in_fear_and_sink_in_sadness() -> None:
    for side in ("left", "right"):
        lift = {name: place(name, side + "UpperArm")[1] - place(name, "upperChest")[1] for name in EMOTIONS}
        assert lift["afraid"] > lift["neutral"] + 0.005
        assert lift["sad"] < lift["neutral"] - 0.003


def test_intensity_scales_and_emotions_add() -> None:
    none, half, full = posture(weights("sad", 0, 0.5, 1))
    assert np.array_equal(none, rest_rotations(1)[0])
    np.testing.assert_allclose(rotation_vector(half) * 2, rotation_vector(full), atol=1e-6)
    both = posture(weights("sad", 0.3) + weights("angry", 0.6))[0]
    expected = 0.3 * POSTURES[EMOTIONS.index("sad")] + 0.6 * POSTURES[EMOTIONS.index("angry")]
    np.testing.assert_allclose(rotation_vector(both), expected, atol=1e-6)


def test_a_row_does_not_depend_on_its_neighbours() -> None:
    moods = np.random.default_rng(0).uniform(0, 0.3, (50, len(EMOTIONS))).astype(np.float32)
    whole = posture(moods)
    for first, last in ((0, 1), (3, 9), (49, 50)):
        assert np.array_equal(posture(moods[first:last]), whole[first:last])


def test_no_change_of_emotion_is_too_fast() -> None:
    timeline = EmotionTimeline()
    rng = np.random.default_rng(0)
    for i in range(200):
        timeline.set(i * float(rng.choice([0.05, 0.1, 0.4])), str(rng.choice(EMOTIONS)), 1.0)
    speed = angular_speed(posture(timeline.weights(0, 60 * FRAME_RATE)))
    assert speed.max() <= MAX_JOINT_SPEED / 2
