"""What is captured, on a session's grid: faithful, even, without jumps whatever happens on the way."""

import math
import random

import numpy as np
import pytest

from bridge.body.bounds import MAX_CURVE_SPEED, angular_speed
from bridge.clip import Line, rehearse
from bridge.curves import CURVES, INDEX
from bridge.frames import AUDIO_RATE, Motion
from bridge.inputs.binding import PROTOCOLS
from bridge.inputs.capture import MARGIN, curves_of, joints_of
from bridge.inputs.devices import MOST_DEVICES
from bridge.inputs.prepare import Rest
from bridge.inputs.regions import REGIONS
from bridge.outputs.feed import Pose
from bridge.outputs.livelink import euler, head_rotation
from bridge.outputs.target import Target
from bridge.outputs.vmc import Vmc
from bridge.skeleton import JOINT_INDEX, JOINTS, rest_rotations
from tests.listener import speech
from tests.phones import Phone, Studio, acting, turn
from tools import fuzz_inputs

BROW, JAW, BLINK = INDEX["browInnerUp"], INDEX["jawOpen"], INDEX["eyeBlinkLeft"]


def swing(t: float) -> Pose:
    """Brows go up and down once in two seconds, the head turns left and right with them."""
    wave = math.sin(math.pi * t)
    return turn(acting(browInnerUp=0.5 + 0.4 * wave, jawOpen=0.3), head=(0, 0.4 * wave, 0))


def yaw(motion: Motion) -> np.ndarray:
    """The head's, to the right, of each frame, radians."""
    return np.array([euler(head_rotation(row))[0] for row in motion.rotations])


def steps(motion: Motion, curve: int) -> float:
    return float(np.abs(np.diff(motion.curves[:, curve])).max())


def settled(studio: Studio) -> Studio:
    studio.run(1.5)
    return studio


def test_a_phone_moves_face_and_head(whole: Motion) -> None:
    motion = whole
    t = 1.5 + np.arange(len(motion)) / 60
    late = fit(t, motion.curves[:, BROW] - 0.5, 0.4)
    assert 0.07 < late < 0.12  # the delay, and what the filter adds
    assert motion.curves[:, BROW] == pytest.approx(0.5 + 0.4 * np.sin(np.pi * (t - late)), abs=0.01)
    assert yaw(motion) == pytest.approx(-0.4 * np.sin(np.pi * (t - late)), abs=0.03)
    assert motion.curves[:, JAW] == pytest.approx(np.full(len(t), 0.3), abs=1e-3)


def fit(t: np.ndarray, curve: np.ndarray, size: float) -> float:
    """By how many seconds a curve is behind size * sin(pi t)."""
    candidates = np.arange(0, 0.3, 0.001)
    errors = [np.abs(curve - size * np.sin(np.pi * (t - late))).mean() for late in candidates]
    return float(candidates[int(np.argmin(errors))])


def test_without_a_phone_nothing_changes() -> None:
    alone, bound = Studio("livelink,session=other"), Studio("livelink")
    assert alone.performance.capture is None
    a, b = alone.run(2), bound.run(2)
    assert a.curves == pytest.approx(b.curves)
    assert a.rotations == pytest.approx(b.rotations)
    assert bound.ahead == alone.ahead


def test_poses_run_no_further_than_is_known_while_a_phone_is_heard() -> None:
    studio = Studio("livelink", Phone(swing, lost=lambda t: not 1 < t < 3))
    studio.run(1)
    assert studio.forgets == 0
    assert min(studio.ahead) >= 5
    studio.run(2)
    assert studio.forgets == 1
    assert MARGIN <= min(studio.ahead[-60:]) <= max(studio.ahead[-60:]) <= MARGIN + 2
    studio.run(2)
    assert studio.forgets == 1
    assert min(studio.ahead[-30:]) >= 5


def test_hand_overs_are_slow() -> None:
    studio = Studio("livelink", Phone(lambda t: acting(browInnerUp=1.0), lost=lambda t: not 1 < t < 3))
    motion = studio.run(5)
    brow = motion.curves[:, BROW]
    assert brow[:60].max() < 0.2
    assert brow[120:180].min() > 0.99
    assert brow[-30:].max() < 0.2
    assert steps(motion, BROW) < 1.5 * 1.6 / 15  # smoothstep's steepest within APPEAR
    falling = np.flatnonzero((brow > 0.05) & (brow < 0.99) & (np.arange(len(brow)) > 150))
    assert 3.5 < falling[0] / 60 < 3.75  # half a second of silence, then half a second of easing
    assert 20 < len(falling) < 36


@pytest.fixture(scope="module")
def whole() -> Motion:
    """Four seconds of a phone without troubles."""
    return settled(Studio("livelink", Phone(swing))).run(4)


@pytest.mark.parametrize("gap", [0.05, 0.15, 0.4, 0.8])
def test_dropouts_do_not_jump(gap: float, whole: Motion) -> None:
    """Away from the turning point, so that the face is elsewhere when it comes back."""
    phone = Phone(swing, lost=lambda t: 2.8 < t < 2.8 + gap)
    motion = settled(Studio("livelink", phone)).run(4)
    assert steps(motion, BROW) < 5 * steps(whole, BROW)
    assert np.abs(np.diff(yaw(motion))).max() < 5 * np.abs(np.diff(yaw(whole))).max()
    assert np.abs(motion.curves[-60:, BROW] - whole.curves[-60:, BROW]).max() < 0.01


def test_noise_jitter_and_loss_together() -> None:
    chance = np.random.default_rng(9)
    holes = set(np.flatnonzero(chance.random(1000) < 0.05).tolist())
    phone = Phone(swing, noise=0.01, jitter=0.008, lost=lambda t: round(t * 60) in holes, ppm=300)
    motion = settled(Studio("livelink", phone)).run(8)
    t = 1.5 + np.arange(len(motion)) / 60
    late = fit(t, motion.curves[:, BROW] - 0.5, 0.4)
    assert late < 0.13
    assert np.abs(motion.curves[:, BROW] - 0.5 - 0.4 * np.sin(np.pi * (t - late))).mean() < 0.015
    assert steps(motion, BROW) * 60 < MAX_CURVE_SPEED
    assert angular_speed(motion.rotations)[:, JOINT_INDEX["head"]].max() < 3


def test_a_phone_at_30_hz_is_even() -> None:
    motion = settled(Studio("livelink,delay=120", Phone(swing, rate=30))).run(3)
    speed = np.diff(motion.curves[:, BROW]) * 60
    assert np.abs(speed).max() < 1.1 * 0.4 * np.pi
    assert np.abs(np.diff(speed)).max() < 0.3


def test_a_face_that_the_phone_does_not_see_gives_way() -> None:
    class Away(Phone):
        def _packets(self, t: float) -> list[bytes]:
            (data,) = super()._packets(t)
            return [data[:-245] + b"\0"] if 2 < t < 4 else [data]

    studio = settled(Studio("livelink", Away(lambda t: acting(browInnerUp=1.0))))
    assert studio.run(0.5).curves[:, BROW].min() > 0.99
    motion = studio.run(3)
    assert motion.curves[90, BROW] < 0.2
    assert motion.curves[-1, BROW] > 0.99
    assert steps(motion, BROW) < 0.15


def test_speech_has_the_mouth_and_gives_it_back() -> None:
    studio = settled(Studio("livelink", Phone(lambda t: acting(jawOpen=0.6, browInnerUp=0.7))))
    said = speech()
    now = round(studio.now * AUDIO_RATE)
    start = studio.performance.perform(Line(rehearse(said, 0), 1, "x", True, True), now) / AUDIO_RATE
    motion = studio.run(said.seconds + 2)
    mouth = motion.curves[:, JAW]
    voiced = [phone for phone in said.phones if phone.end - phone.start > 0.05]
    closed = [p for p in voiced if p.symbol in "pbm"]
    for phone in closed:
        middle = round((start - 1.5 + (phone.start + phone.end) / 2) * 60)
        assert motion.curves[middle, JAW] - motion.curves[middle, INDEX["mouthClose"]] < 0.15
    assert mouth[-30:] == pytest.approx(np.full(30, 0.6), abs=0.01)
    assert motion.curves[:, BROW] == pytest.approx(np.full(len(motion), 0.7), abs=0.01)
    assert steps(motion, JAW) * 60 < 20


def test_lips_that_never_yield_and_lips_that_are_never_captured() -> None:
    for line, low, high in (("livelink,jaw=1,lips=1", 0.59, 0.61), ("livelink,jaw=0,lips=0", 0.0, 0.05)):
        studio = settled(Studio(line, Phone(lambda t: acting(jawOpen=0.6))))
        assert low <= studio.run(0.5).curves[:, JAW].min()
        assert studio.run(0.5).curves[:, JAW].max() <= high
    studio = settled(Studio("livelink,jaw=1,lips=1", Phone(lambda t: acting(jawOpen=0.6))))
    studio.performance.perform(Line(rehearse(speech(), 0), 1, "x", True, True), round(studio.now * AUDIO_RATE))
    assert studio.run(1).curves[:, JAW] == pytest.approx(np.full(60, 0.6), abs=0.01)


def test_half_a_share_is_halfway() -> None:
    whole = settled(Studio("livelink", Phone(lambda t: acting(browInnerUp=0.8)))).run(0.5)
    half = settled(Studio("livelink,brows=0.5", Phone(lambda t: acting(browInnerUp=0.8)))).run(0.5)
    own = settled(Studio("livelink,brows=0", Phone(lambda t: acting(browInnerUp=0.8)))).run(0.5)
    assert half.curves[:, BROW] == pytest.approx((whole.curves[:, BROW] + own.curves[:, BROW]) / 2, abs=1e-5)


def test_eyes_look_where_the_performer_looks() -> None:
    look = turn(acting(), leftEye=(0.1, 0.3, 0), rightEye=(0.1, 0.3, 0), head=(0, 0.2, 0))
    motion = settled(Studio("livelink", Phone(lambda t: look))).run(0.5)
    eye = euler(motion.rotations[-1, JOINT_INDEX["leftEye"]])
    assert eye[:2] == pytest.approx([-0.3, 0.1], abs=0.02)
    assert motion.curves[-1, INDEX["eyeLookOutLeft"]] > 0.5
    assert motion.curves[-1, INDEX["eyeLookInRight"]] > 0.5


def test_own_gaze_stays_on_its_goal_while_the_phone_turns_the_head() -> None:
    studio = settled(Studio("livelink,gaze=0", Phone(swing)))
    studio.performance.look_at((0.0, 1.35, 2.0), round(studio.now * AUDIO_RATE))
    studio.run(1)
    motion = studio.run(3)
    assert np.ptp(yaw(motion)) > 0.7
    ahead = yaw(motion) + np.array([euler(row[JOINT_INDEX["leftEye"]])[0] for row in motion.rotations])
    assert np.abs(ahead).max() < 0.15


def test_blinks_are_the_performers() -> None:
    motion = settled(Studio("livelink", Phone(lambda t: acting(eyeBlinkLeft=0.05)))).run(10)
    assert motion.curves[:, BLINK] == pytest.approx(np.full(len(motion), 0.05), abs=0.01)


# Calibration, angles, sides


def test_neutral_of_the_first_face() -> None:
    askew = turn(acting(browInnerUp=0.2, mouthFrownLeft=0.3), head=(0.2, 0.3, 0))
    motion = Studio("livelink,neutral=first", Phone(lambda t: askew))
    motion.run(3)
    rest = motion.run(0.5)
    assert rest.curves[:, BROW].max() < 0.01
    assert np.abs(yaw(rest)).max() < 0.02


def test_neutral_on_request_is_taken_smoothly() -> None:
    full = lambda t: turn(acting(browInnerUp=0.2 if t < 5 else 1.0), head=(0, 0.3, 0))  # noqa: E731
    studio = settled(Studio("livelink", Phone(full)))
    assert studio.run(0.5).curves[:, BROW].min() > 0.19
    capture = studio.performance.capture
    assert capture is not None
    capture.calibrate()
    motion = studio.run(2)
    assert motion.curves[-1, BROW] < 0.01
    assert steps(motion, BROW) < 0.03
    assert np.abs(yaw(motion)[-1]) < 0.02
    studio.run(2)
    assert studio.run(0.5).curves[-1, BROW] > 0.99  # what is left of the range reaches the whole of it


def test_flip_and_mirror() -> None:
    face = turn(acting(mouthSmileLeft=0.8), head=(0.1, 0.3, 0))
    plain = settled(Studio("livelink", Phone(lambda t: face))).run(0.1)
    flipped = settled(Studio("livelink,flip=yaw", Phone(lambda t: face))).run(0.1)
    mirror = settled(Studio("livelink,mirror=yes", Phone(lambda t: face))).run(0.1)
    for motion in (flipped, mirror):
        assert yaw(motion) == pytest.approx(-yaw(plain), abs=0.02)
    assert mirror.curves[-1, INDEX["mouthSmileRight"]] == pytest.approx(0.8, abs=0.01)
    assert mirror.curves[-1, INDEX["mouthSmileLeft"]] < 0.05
    assert flipped.curves[-1, INDEX["mouthSmileLeft"]] == pytest.approx(0.8, abs=0.01)


# Several


def test_two_phones_by_name() -> None:
    ann = Phone(lambda t: acting(browInnerUp=0.9), subject="Ann")
    bob = Phone(lambda t: acting(browInnerUp=0.3), subject="Bob")
    for name, brow in (("Ann", 0.9), ("Bob", 0.3)):
        studio = settled(Studio(f"livelink,device={name}", Phone(ann.act, "Ann"), Phone(bob.act, "Bob")))
        assert studio.run(0.5).curves[:, BROW] == pytest.approx(np.full(30, brow), abs=0.01)
        assert {device.subject for device in studio.receivers[0].devices} == {"Ann", "Bob"}


def test_another_phone_takes_over_when_the_first_is_gone() -> None:
    ann = Phone(lambda t: acting(browInnerUp=0.9), "Ann", lost=lambda t: t > 2)
    bob = Phone(lambda t: acting(browInnerUp=0.3), "Bob")
    studio = settled(Studio("livelink", ann, bob))
    assert studio.run(0.4).curves[:, BROW].min() > 0.89
    motion = studio.run(2)
    assert motion.curves[-1, BROW] == pytest.approx(0.3, abs=0.01)
    assert steps(motion, BROW) < 0.15


def test_face_from_a_phone_and_arms_from_vmc() -> None:
    phone = Phone(lambda t: acting(browInnerUp=0.9))
    body = Phone(lambda t: turn(acting(browInnerUp=0.1), leftUpperArm=(0, 0, 1.0), head=(0, 0.5, 0)), vmc=True)
    line = "livelink vmc,brows=0,eyes=0,lips=0,jaw=0,gaze=0,head=0,torso=0"
    motion = settled(Studio(line, phone, body)).run(0.5)
    assert motion.curves[:, BROW].min() > 0.89
    assert euler(motion.rotations[-1, JOINT_INDEX["leftUpperArm"]])[2] == pytest.approx(-1.0, abs=0.01)
    assert np.abs(yaw(motion)).max() < 0.1


def test_the_trunk_goes_along_with_a_seen_head_as_far_as_is_wanted() -> None:
    chest = {}
    for share in (0, 1):
        studio = settled(Studio(f"livelink,torso={share}", Phone(lambda t: turn(acting(), head=(0, 0.6, 0)))))
        motion = studio.run(0.3)
        chest[share] = sum(-euler(motion.rotations[-1, JOINT_INDEX[j]])[0] for j in ("spine", "chest", "upperChest"))
        assert yaw(motion)[-1] == pytest.approx(-0.6, abs=0.01)
    assert chest[1] - chest[0] == pytest.approx(0.18, abs=0.02)


def test_vmc_without_bundles_is_as_even_as_with_them() -> None:
    class Alone(Phone):
        def __post_init__(self) -> None:
            self._encoder = Vmc(Target("127.0.0.1", 1, face=("sync",), bundles=False))

    motion = settled(Studio("vmc", Alone(swing))).run(2)
    speed = np.diff(motion.curves[:, BROW]) * 60
    assert np.ptp(motion.curves[:, BROW]) > 0.79
    assert np.abs(speed).max() < 1.1 * 0.4 * np.pi
    assert np.abs(np.diff(speed)).max() < 0.3


def test_a_captured_body_stands_on_its_feet() -> None:
    from bridge.body.kinematics import positions

    def step(t: float) -> Pose:
        pose = turn(acting(), spine=(0.2, 0, 0))
        pose.root[:] = (0.04 * math.sin(3 * t), -0.02, 0.0)
        return pose

    studio = settled(Studio("vmc", Phone(step, vmc=True)))
    motion = studio.run(2)
    assert np.ptp(motion.root[:, 0]) > 0.06
    feet = positions(motion.rotations, motion.root)[:, JOINT_INDEX["leftFoot"]]
    assert np.ptp(feet, axis=0).max() < 0.005
    assert motion.rotations[-1, JOINT_INDEX["spine"], 0] == pytest.approx(math.sin(0.1), abs=0.01)


# Whatever comes


@pytest.mark.parametrize("protocol", fuzz_inputs.readers())
def test_a_session_lives_through_mutated_packets(protocol: str) -> None:
    address = ":10.0.0.2" if PROTOCOLS[protocol].asks else ""
    studio = Studio(f"{protocol}{address}")
    (receiver,) = studio.receivers
    chance, sound = random.Random(3), fuzz_inputs.samples()[protocol]
    for _ in range(40):
        for _ in range(20):
            data = chance.choice(sound)
            receiver.datagram_received(
                data if chance.random() < 0.3 else fuzz_inputs.mutated(data, chance), ("10.0.0.2", 1)
            )
        motion = studio.run(0.05)
        assert np.isfinite(motion.root).all()
        assert (motion.curves >= 0).all()
        assert (motion.curves <= 1).all()
        assert np.linalg.norm(motion.rotations, axis=-1) == pytest.approx(np.ones((3, 22)), abs=1e-3)
    assert studio.performance.capture is not None
    assert studio.performance.capture.followers[0].device is not None
    assert len(list(receiver.devices)) <= MOST_DEVICES


# The table


def test_every_curve_and_joint_is_of_one_region() -> None:
    curves = [i for region in REGIONS for i in curves_of(region)]
    assert sorted(curves) == list(range(len(CURVES)))
    joints = {JOINTS[i].name for region in REGIONS for i in joints_of(region)}
    legs = {side + part for side in ("left", "right") for part in ("UpperLeg", "LowerLeg", "Foot")}
    assert joints | legs == set(JOINT_INDEX)
    assert sum(len(joints_of(region)) for region in REGIONS) == len(joints)


# After the process was killed


def resumed(studio: Studio, *phones: Phone, line: str = "livelink") -> Studio:
    """Another process that goes on where this studio was, as the journal keeps it."""
    capture, again = studio.performance.capture, Studio(line, *phones)
    assert capture is not None
    assert again.performance.capture is not None
    news = dict(capture.news())
    assert not dict(capture.news()), "it is said once"
    again.performance.capture.resume(news)
    return again


def test_a_neutral_comes_back() -> None:
    """The face at rest, and not one that laughs at that moment, is taken away from what comes next."""
    rest, laugh = acting(browInnerUp=0.2, jawOpen=0.1), acting(browInnerUp=0.6, jawOpen=0.1)
    before = Studio("livelink,neutral=first", Phone(lambda t: rest))
    before.run(3)
    after = resumed(before, Phone(lambda t: laugh), line="livelink,neutral=first")
    after.run(2)
    assert after.run(0.5).curves[:, BROW] == pytest.approx(np.full(30, 0.5), abs=0.02)
    assert after.run(0.5).curves[:, JAW] == pytest.approx(np.zeros(30), abs=0.02)


def test_the_same_phone_is_followed_though_another_is_heard_first() -> None:
    calm, wild = acting(jawOpen=0.1), acting(jawOpen=0.8)
    before = Studio("livelink", Phone(lambda t: calm, "Ann"))
    before.run(1)
    after = resumed(before, Phone(lambda t: wild, "Ben"), Phone(lambda t: calm, "Ann", lost=lambda t: t < 0.5))
    assert after.run(3).curves[:, JAW].max() < 0.2
    gone = resumed(before_of(calm), Phone(lambda t: wild, "Ben"))
    assert gone.run(1).curves[:, JAW].max() < 0.2
    assert gone.run(2).curves[-1, JAW] > 0.7


def before_of(pose: Pose) -> Studio:
    """A studio in which Ann is followed."""
    studio = Studio("livelink", Phone(lambda t: pose, "Ann"))
    studio.run(1)
    return studio


def test_a_body_comes_back_to_its_place() -> None:
    """Where it stood first is where the character stands; who has walked since is where they walked to."""
    here, there = acting(), acting()._replace(root=np.array((0.3, 0, 0), np.float32))
    before = Studio("vmc", Phone(lambda t: here, vmc=True))
    before.run(2)
    after = resumed(before, Phone(lambda t: there, vmc=True), line="vmc")
    after.run(2)
    assert after.run(0.5).root[:, 0] == pytest.approx(np.full(30, 0.3), abs=0.05)


@pytest.mark.parametrize("wrong", [{0: math.nan}, {52: 1e9}, {55: 7.0}, {"short": 1}])
def test_a_neutral_that_cannot_be_is_not_read(wrong: dict[object, float]) -> None:
    values = list(Rest(np.zeros(55, np.float32), rest_rotations(1)[0][[*range(22), 0]]).written())
    assert Rest.read(values)
    for place, value in wrong.items():
        if isinstance(place, int):
            values[place] = value
        else:
            values.pop()
    with pytest.raises(ValueError, match="no neutral"):
        Rest.read(values)
