"""One session's performance, driven by a hand-moved clock: items out are judged as a client would."""

import numpy as np
import pytest

from bridge.body.bounds import EYES, MAX_EYE_SPEED, MAX_JOINT_SPEED, angular_speed
from bridge.clip import FACE_FADE, FACE_TAIL, GESTURE_TAIL, SOUND_FADE, Line, Mark, rehearse
from bridge.curves import INDEX, MOUTH
from bridge.frames import (
    AUDIO_RATE,
    FRAME_RATE,
    SAMPLES_PER_FRAME,
    EmotionChanged,
    EndReason,
    Forget,
    PhoneEvent,
    Poses,
    UtteranceEnded,
    UtteranceStarted,
    WordEvent,
    frame_time_us,
    sample_time_us,
)
from bridge.performance import LOOK_GAP, Performance
from bridge.skeleton import JOINT_INDEX, rotation_vector
from tests.listener import LINE, Listener, speech

CURVE_SPEED = 35.0
"""Weights a second that no curve exceeds, mixed: articulation's own bound and a blink's, with the ends of both."""


class Show:
    """A performance, its listener, and the time."""

    def __init__(self, seed: int = 1, lead: int = 12) -> None:
        self.performance = Performance(seed, lead)
        self.listener = Listener()
        self.now = 0

    def run(self, seconds: float) -> None:
        """Tick on as a server does."""
        end = self.now + round(seconds * AUDIO_RATE)
        while self.now < end:
            self.listener.hear(self.performance.advance(self.now))
            self.now += SAMPLES_PER_FRAME

    def say(self, utterance: int = 1, **more: object) -> int:
        rehearsal = rehearse(more.pop("speech", speech()), utterance)  # type: ignore[arg-type]
        line = Line(**{"rehearsal": rehearsal, "utterance": utterance, "text": "…", "first": True, "last": True} | more)  # type: ignore[arg-type]
        return self.performance.perform(line, self.now)

    def events(self, kind: type) -> list:
        return [e for e in self.listener.events if isinstance(e, kind)]


def assert_no_jump(show: Show) -> None:
    motion = show.listener.motion()
    assert (np.abs(np.diff(motion.curves, axis=0)) * FRAME_RATE).max() <= CURVE_SPEED
    speed = angular_speed(motion.rotations)
    others = [i for i in JOINT_INDEX.values() if i not in EYES]
    assert speed[:, others].max() <= MAX_JOINT_SPEED
    assert speed[:, EYES].max() <= MAX_EYE_SPEED
    assert np.isfinite(motion.root).all()
    assert (motion.curves >= 0).all()
    assert (motion.curves <= 1).all()
    np.testing.assert_allclose(np.linalg.norm(motion.rotations, axis=-1), 1, atol=1e-3)


@pytest.mark.parametrize("lead", [2, 3, 12, 60])
def test_poses_cover_a_third_to_all_of_the_lead(lead: int) -> None:
    show = Show(lead=lead)
    for _ in range(200):
        show.run(1 / FRAME_RATE)
        present = (show.now - SAMPLES_PER_FRAME) // SAMPLES_PER_FRAME
        ahead = show.performance.horizon // SAMPLES_PER_FRAME - present
        assert lead // 3 <= ahead <= lead
    assert show.listener.sequences == list(range(len(show.listener.poses)))


def test_idle_life_moves_and_blinks() -> None:
    show = Show()
    show.run(20)
    motion = show.listener.motion()
    assert motion.curves[:, INDEX["eyeBlinkLeft"]].max() > 0.9
    assert angular_speed(motion.rotations)[:, [JOINT_INDEX["chest"], JOINT_INDEX["head"]]].max(axis=0).min() > 0.005
    assert_no_jump(show)


def test_the_same_seed_and_script_give_the_same_bits_whatever_the_lead() -> None:
    motions = []
    for lead in (12, 12, 30):
        show = Show(seed=5, lead=lead)
        show.run(1)
        show.say()
        show.run(3)
        motions.append(show.listener.motion())
    count = min(len(m) for m in motions)
    for other in motions[1:]:
        np.testing.assert_array_equal(motions[0].curves[:count], other.curves[:count])
        np.testing.assert_array_equal(motions[0].rotations[:count], other.rotations[:count])


def test_seeds_live_differently() -> None:
    shows = [Show(seed) for seed in (1, 2)]
    for show in shows:
        show.run(3)
    assert np.abs(shows[0].listener.motion().rotations - shows[1].listener.motion().rotations).max() > 1e-3


def test_a_text_starts_at_the_next_frame_although_poses_ran_ahead() -> None:
    show = Show()
    show.run(1)
    start = show.say()
    assert start == (show.now // SAMPLES_PER_FRAME + 1) * SAMPLES_PER_FRAME
    items = show.performance.advance(show.now)
    assert items[0] == Forget(sample_time_us(start))
    assert isinstance(items[-1], Poses)


def test_the_sound_arrives_whole_once_and_at_its_time() -> None:
    show = Show()
    show.run(1.013)
    start = show.say()
    show.run(3)
    pcm = speech().pcm
    np.testing.assert_array_equal(show.listener.sound[start : start + len(pcm)], pcm)
    expected = np.zeros_like(show.listener.heard)
    expected[start : start + len(pcm)] = 1
    np.testing.assert_array_equal(show.listener.heard, expected)


def test_lips_close_and_open_with_their_phones() -> None:
    show = Show()
    show.run(1)
    start = show.say() // SAMPLES_PER_FRAME
    show.run(3)
    motion = show.listener.motion()

    def gap(i: int) -> float:
        row = motion.curves[start + round((0.15 + i / 10) * FRAME_RATE)]
        return float(row[INDEX["jawOpen"]] - row[INDEX["mouthClose"]])

    closed = [gap(i) for i, phone in enumerate(LINE) if phone == "b"]
    assert max(closed) < 0.05 < 0.2 < gap(1)


def test_lines_follow_each_other_without_a_gap() -> None:
    show = Show()
    show.run(0.5)
    first = show.say(1, last=False)
    second = show.say(1, first=False)
    assert second == first + len(speech().pcm)
    show.run(4)
    assert (show.listener.heard[first : second + len(speech().pcm)] == 1).all()
    assert [e.time_us for e in show.events(UtteranceStarted)] == [sample_time_us(first)]
    assert [e.time_us for e in show.events(UtteranceEnded)] == [sample_time_us(second + len(speech().pcm))]
    assert_no_jump(show)


def test_events_tell_phones_and_words_at_their_times() -> None:
    show = Show()
    show.run(0.5)
    start = show.say()
    show.run(3)
    phones = show.events(PhoneEvent)
    assert [p.symbol for p in phones] == list(LINE)
    assert [p.time_us - sample_time_us(start) for p in phones] == pytest.approx(
        [100_000 * (i + 1) for i in range(len(LINE))], abs=1
    )
    assert [w.text for w in show.events(WordEvent)] == ["bob's", "big", "food"]
    times = [e.time_us for e in show.listener.events]
    assert times == sorted(times)


@pytest.mark.parametrize("after", [0.02, 0.3, 0.55, 1.0])
def test_an_interruption_ends_sound_and_face_and_says_so(after: float) -> None:
    show = Show()
    show.run(1)
    start = show.say()
    show.run(after)
    cut = show.performance.interrupt(show.now)
    assert start <= cut <= show.now + SAMPLES_PER_FRAME
    show.run(3)
    assert not show.listener.sound[cut + SOUND_FADE :].any()
    assert np.abs(show.listener.sound[cut - 10 if cut > start else cut : cut + SOUND_FADE]).any() or cut == start
    (ended,) = show.events(UtteranceEnded)
    assert (ended.time_us, ended.reason) == (sample_time_us(cut), EndReason.INTERRUPTED)
    assert all(e.time_us < ended.time_us for e in show.events(PhoneEvent))
    quiet = show.listener.motion(cut // SAMPLES_PER_FRAME + FACE_FADE)
    assert quiet.curves[:, INDEX["jawOpen"]].max() < 0.05
    assert_no_jump(show)


def test_an_interruption_can_be_set_for_later() -> None:
    show = Show()
    show.run(1)
    start = show.say()
    at = start + AUDIO_RATE // 2
    assert abs(show.performance.interrupt(show.now, at) - at) < SAMPLES_PER_FRAME
    show.run(3)
    assert show.listener.sound[start : start + AUDIO_RATE // 2 - SAMPLES_PER_FRAME].any()
    assert not show.listener.sound[at + SOUND_FADE :].any()


def test_an_interruption_of_nothing_changes_nothing() -> None:
    show, other = Show(), Show()
    show.run(1)
    show.performance.set_emotion("happy", 1.0, show.now)
    show.performance.interrupt(show.now)
    other.run(1)
    other.performance.set_emotion("happy", 1.0, other.now)
    for each in (show, other):
        each.run(1)
    assert show.listener.forgets == other.listener.forgets
    np.testing.assert_array_equal(show.listener.motion().curves, other.listener.motion().curves)


def test_a_new_text_may_cut_the_old_one() -> None:
    show = Show()
    show.run(1)
    show.say(1)
    show.run(0.4)
    show.performance.interrupt(show.now)
    show.say(2)
    show.run(3)
    ends = show.events(UtteranceEnded)
    assert [(e.utterance, e.reason) for e in ends] == [(1, EndReason.INTERRUPTED), (2, EndReason.FINISHED)]
    assert_no_jump(show)


def test_after_speech_the_mouth_rests_and_life_goes_on() -> None:
    show = Show()
    show.run(1)
    end = (show.say() + len(speech().pcm)) // SAMPLES_PER_FRAME
    show.run(15)
    rest = show.listener.motion(end + FACE_TAIL)
    assert rest.curves[:, list(MOUTH)].max() < 0.1
    assert rest.curves[:, INDEX["eyeBlinkLeft"]].max() > 0.9
    idle = Show()
    idle.run(16)
    after = end + GESTURE_TAIL
    np.testing.assert_allclose(
        show.listener.motion(after).rotations[:120], idle.listener.motion(after).rotations[:120], atol=1e-6
    )


def test_a_mark_colours_the_face_until_the_text_ends() -> None:
    show = Show()
    show.run(1)
    start = show.say(marks=[Mark(0.5, "happy", 1.0)])
    show.run(5)
    turned = show.events(EmotionChanged)
    assert [(e.emotion, e.intensity) for e in turned] == [("happy", 1.0), ("neutral", 0.0)]
    assert turned[0].time_us == pytest.approx(sample_time_us(start) + 500_000, abs=1)
    smile = show.listener.motion().curves[:, INDEX["mouthSmileLeft"]]
    frame = start // SAMPLES_PER_FRAME
    assert smile[frame + 66 : frame + 72].max() > 0.15
    assert smile[-30:].max() < 0.1
    assert_no_jump(show)


def test_an_emotion_stays_through_an_interruption() -> None:
    show = Show()
    show.run(1)
    show.performance.set_emotion("happy", 1.0, show.now)
    show.say()
    show.run(0.3)
    show.performance.interrupt(show.now)
    show.run(3)
    assert show.listener.motion().curves[-1, INDEX["mouthSmileLeft"]] > 0.3


def test_an_emotion_turns_at_the_next_frame_although_poses_ran_ahead() -> None:
    show = Show()
    show.run(1)
    show.say()
    show.run(0.3)
    show.performance.set_emotion("happy", 1.0, show.now)
    turned = show.now // SAMPLES_PER_FRAME + 1
    show.run(2)
    changed = show.events(EmotionChanged)[-1]
    assert (changed.emotion, changed.time_us) == ("happy", frame_time_us(turned))
    smile = show.listener.motion().curves[:, INDEX["mouthSmileLeft"]]
    assert smile[turned + 30] > smile[turned] + 0.1
    assert_no_jump(show)


def test_an_emotion_set_while_a_text_with_its_own_is_spoken_is_there_after_it() -> None:
    show = Show()
    show.run(1)
    show.say(marks=[Mark(0.1, "angry", 1.0)])
    show.run(0.4)
    show.performance.set_emotion("happy", 1.0, show.now)
    show.run(4)
    assert [e.emotion for e in show.events(EmotionChanged)][-1] == "happy"
    assert show.listener.motion().curves[-1, INDEX["mouthSmileLeft"]] > 0.3
    assert_no_jump(show)


def test_of_looks_that_follow_a_pointer_some_are_sent_at_once() -> None:
    show = Show()
    show.run(1)
    before = len(show.listener.forgets)
    for i in range(60):
        show.performance.look_at((i / 30 - 1, 1.4, 2.0), show.now)
        show.run(1 / FRAME_RATE)
    assert 60 / LOOK_GAP - 1 <= len(show.listener.forgets) - before <= 60 / LOOK_GAP
    show.run(1)
    assert_no_jump(show)


def test_a_failed_text_is_told_after_what_was_said_of_it() -> None:
    show = Show()
    show.run(1)
    start = show.say(last=False)
    show.performance.end_utterance(1, EndReason.FAILED, "the voice stopped", show.now)
    show.run(3)
    (ended,) = show.events(UtteranceEnded)
    assert ended.reason is EndReason.FAILED
    assert ended.detail == "the voice stopped"
    assert ended.time_us >= sample_time_us(start + len(speech().pcm))


def test_the_gaze_follows_a_target() -> None:
    show = Show()
    show.run(1)
    show.performance.look_at((-2.0, 1.4, 2.0), show.now)
    show.run(3)
    free = Show()
    free.run(4)
    turned = rotation_vector(show.listener.motion().rotations[-1])[JOINT_INDEX["head"], 1]
    straight = rotation_vector(free.listener.motion().rotations[-1])[JOINT_INDEX["head"], 1]
    assert turned < straight - 0.05  # to its right, a negative turn about +Y
    assert_no_jump(show)


@pytest.mark.parametrize("seed", range(8))
def test_nothing_ever_jumps(seed: int) -> None:
    """A busy minute: texts, cuts, emotions and gaze at random times."""
    rng = np.random.default_rng(seed)
    show = Show(seed)
    for utterance in range(1, 16):
        show.run(float(rng.uniform(0.05, 2.0)))
        match rng.integers(5):
            case 0:
                show.performance.interrupt(show.now)
            case 1:
                show.performance.set_emotion(str(rng.choice(["happy", "sad", "surprised"])), rng.random(), show.now)
            case 2:
                show.performance.look_at(tuple(rng.uniform((-2, 0, 0.5), (2, 2, 3))), show.now)
            case _:
                marks = [Mark(float(rng.uniform(0, 1)), "angry", 1.0)]
                show.say(utterance, speech=speech(seed=utterance), marks=marks)
    show.run(3)
    assert_no_jump(show)


def test_a_surprised_blink_shuts() -> None:
    show = Show()
    show.performance.set_emotion("surprised", 1.0, 0)
    show.run(20)
    curves = show.listener.motion(60).curves
    shut = curves[:, INDEX["eyeBlinkLeft"]] > 0.98
    assert shut.any()
    assert curves[~shut, INDEX["eyeWideLeft"]].max() > 0.4
    assert curves[shut, INDEX["eyeWideLeft"]].max() < 0.02
