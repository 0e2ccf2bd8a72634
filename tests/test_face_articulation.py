"""The qualities of visible speech, on phone tracks of our own: closure, openness, rounding, timing, smoothness."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.curves import CURVES, INDEX
from bridge.face.articulation import SPEED_LIMIT, FaceTrack, articulate
from bridge.face.mouth import seal_of
from bridge.frames import FRAME_RATE, Phone
from bridge.skeleton import Array
from bridge.speech.phones import INVENTORY

LEAD = 0.5
"""Seconds of silence before a test's speech and after it."""

BOBS_THUMBS = "b ɑ b z f aɪ v b ɪ ɡ θ ʌ m z m u v p j ʊ ɹ f u d"
SECONDS = dict.fromkeys("ɑʌuɛiayɔæo", 0.12) | {"aɪ": 0.17}


def said(text: str, *, rate: float = 1.0, seconds: dict[str, float] | None = None) -> list[Phone]:
    """Phones one after another; vowels stressed."""
    length, phones, at = seconds or SECONDS, [], LEAD
    for symbol in text.split():
        end = at + length.get(symbol, 0.075) / rate
        phones.append(Phone(symbol, at, end, 1 if symbol in SECONDS else 0))
        at = end
    return phones


def face(phones: list[Phone], **options: object) -> FaceTrack:
    return articulate(phones, int((phones[-1].end + LEAD) * FRAME_RATE), **options)  # type: ignore[arg-type]


def during(track: FaceTrack, phone: Phone, *curves: str) -> Array:
    """The sum of curves within a phone, on a fine grid."""
    frames = np.linspace(phone.start, phone.end, 41) * FRAME_RATE
    total = sum(track.curves[:, INDEX[curve]] for curve in curves)
    return np.interp(frames, np.arange(len(track.curves)), total)


def middle(track: FaceTrack, phone: Phone, *curves: str) -> float:
    return float(during(track, phone, *curves)[20])


def mean(text: str, symbol: str, *curves: str) -> float:
    """The mean of curves over the first `symbol` in `text`."""
    phones = said(text)
    return float(during(face(phones), next(p for p in phones if p.symbol == symbol), *curves).mean())


def opening(track: FaceTrack) -> Array:
    """About how far the lips are apart, in units of jawOpen, on a rig whose mouthClose undoes three quarters of it."""
    c = {name: track.curves[:, i] for name, i in INDEX.items()}
    return (
        c["jawOpen"] - 0.75 * c["mouthClose"] + 0.35 * c["mouthFunnel"]
        + 0.2 * c["mouthLowerDownLeft"] + 0.2 * c["mouthUpperUpLeft"]
        - 0.05 * c["mouthPressLeft"] - 0.08 * c["mouthRollLower"]
    )  # fmt: skip


# Closure


@pytest.mark.parametrize("consonant", "pbm")
@pytest.mark.parametrize("vowel", ["ɑ", "i", "u", "æ"])
@pytest.mark.parametrize("rate", [0.7, 1, 2, 3])
def test_bilabials_close_at_any_rate(consonant: str, vowel: str, rate: float) -> None:
    phones = said(f"t {vowel} {consonant} {vowel} t", rate=rate)
    track = face(phones, strength=1.3)
    shut = phones[2]
    frame = round((shut.start + 0.45 * (shut.end - shut.start)) * FRAME_RATE)
    rows = slice(frame - 1, frame + 2)
    assert opening(track)[rows].min() < 0.035
    assert track.curves[rows, INDEX["jawOpen"]].min() < 0.12  # closes too where mouthClose does little
    assert track.curves[rows, INDEX["mouthPressLeft"]].max() > 0.05


def test_closure_holds_through_most_of_a_long_bilabial() -> None:
    phones = said("ɑ m ɑ", seconds={"ɑ": 0.15, "m": 0.16})
    track = face(phones)
    frames = np.linspace(phones[1].start + 0.03, phones[1].end - 0.045, 20) * FRAME_RATE
    assert np.interp(frames, np.arange(len(track.curves)), seal_of(track.curves)).min() > 0.88


def test_the_vowel_between_two_bilabials_opens() -> None:
    phones = said("p ɑ p", seconds={"ɑ": 0.07, "p": 0.07})
    track = face(phones)
    assert opening(track)[round((phones[1].start + 0.035) * FRAME_RATE)] > 0.1


def test_only_bilabials_seal() -> None:
    for symbol in sorted(INVENTORY):
        phones = said(f"a {symbol} a")
        sealed = during_seal(face(phones), phones[1])
        if symbol in {"p", "b", "m", "pf"}:
            assert sealed > 0.97, symbol
        elif symbol in {"ʙ", "ɸ", "β"}:
            assert 0.5 < sealed < 1, symbol
        else:
            assert sealed == 0, symbol


def during_seal(track: FaceTrack, phone: Phone) -> float:
    frames = np.linspace(phone.start, phone.end, 41) * FRAME_RATE
    return float(np.interp(frames, np.arange(len(track.curves)), seal_of(track.curves)).max())


@pytest.mark.parametrize("consonant", "fv")
def test_labiodentals_tuck_the_lower_lip_and_stay_open(consonant: str) -> None:
    phones = said(f"ɑ {consonant} ɑ")
    track = face(phones)
    assert during(track, phones[1], "mouthRollLower").max() > 0.4
    assert during(track, phones[1], "mouthUpperUpLeft").max() > 0.08
    assert during(track, phones[1], "jawOpen").min() < 0.12
    assert during_seal(track, phones[1]) == 0


def test_the_tongue_shows_in_th_alone() -> None:
    for symbol in ("θ", "ð", "l", "t", "s", "a"):
        phones = said(f"a {symbol} i")
        tongue = during(face(phones), phones[1], "tongueOut").max()
        assert (0.2 < tongue < 0.4) == (symbol in "θð"), symbol


# Openness and rounding


def test_vowels_open_the_mouth_in_the_order_of_their_height() -> None:
    gaps = []
    for vowel in ("i", "e", "ɛ", "æ"):
        phones = said(f"t {vowel} t", seconds={vowel: 0.12})
        track = face(phones)
        gaps.append(
            float(opening(track)[round(phones[1].start * FRAME_RATE) : round(phones[1].end * FRAME_RATE)].mean())
        )
    assert gaps == sorted(gaps)
    assert gaps[-1] > 2.5 * gaps[0]


def test_rounded_vowels_pucker_and_spread_vowels_widen() -> None:
    rounding = {vowel: mean(f"t {vowel} t", vowel, "mouthPucker", "mouthFunnel") for vowel in "uoɔyøœiɛaɯɤ"}
    widening = {vowel: mean(f"t {vowel} t", vowel, "mouthStretchLeft", "mouthSmileLeft") for vowel in "uoyøie"}
    assert min(rounding[v] for v in "uoɔyøœ") > 3 * max(rounding[v] for v in "iɛaɯɤ")
    assert min(widening[v] for v in "ie") > 3 * max(widening[v] for v in "uoyø")


def test_rounding_is_anticipated_through_consonants_that_leave_the_lips_free() -> None:
    free, bound = said("t s t u"), said("t s t i")
    ahead = during(face(free), free[1], "mouthPucker")
    assert ahead[-1] > 0.1  # 75 ms before the vowel
    assert during(face(bound), bound[1], "mouthPucker").max() < 0.01
    assert during(face(free), free[0], "mouthPucker")[0] < 0.02  # not from 225 ms on


def test_rounding_is_not_anticipated_through_a_spread_vowel() -> None:
    phones = said("s i t u", seconds={"i": 0.05, "t": 0.04, "s": 0.1, "u": 0.12})
    assert during(face(phones), phones[0], "mouthPucker").max() < 0.01


def test_a_rounded_vowel_colours_the_consonants_beside_it() -> None:
    assert mean("u s u", "s", "mouthPucker") > 5 * mean("i s i", "s", "mouthPucker") + 0.1


def test_a_short_schwa_undershoots_and_a_long_vowel_does_not() -> None:
    short, long = said("s ə s", seconds={"ə": 0.04}), said("s ɑ s", seconds={"ɑ": 0.2})
    assert middle(face(short), short[1], "jawOpen") < 0.6 * 0.30
    assert middle(face(long), long[1], "jawOpen") > 0.95 * 0.52


def test_a_diphthong_runs_from_its_nucleus_to_its_glide() -> None:
    phones = said("t aɪ t aʊ t", seconds={"aɪ": 0.2, "aʊ": 0.2})
    track = face(phones)
    jaw = during(track, phones[1], "jawOpen")
    assert jaw[10] > 2 * jaw[38]
    pucker = during(track, phones[3], "mouthPucker")
    assert pucker[36] > pucker[8] + 0.15


# Stress, loudness, strength


def test_stress_and_loudness_open_the_mouth() -> None:
    stressed = said("t ɑ t")
    plain = [phone._replace(stress=0) for phone in stressed]
    count = len(face(plain).curves)
    loud, soft = (face(stressed, loudness=np.full(count, level, np.float32)) for level in (1.0, 0.0))
    jaw = [middle(t, stressed[1], "jawOpen") for t in (soft, face(plain), face(stressed), loud)]
    assert (np.diff(jaw) > 0.02).all()
    assert 0.5 < jaw[-1] < 0.75
    assert jaw[0] > 0.3


def test_usual_loudness_is_no_loudness() -> None:
    phones = said(BOBS_THUMBS)
    plain = face(phones)
    np.testing.assert_array_equal(
        face(phones, loudness=np.full(len(plain.curves), 0.5, np.float32)).curves, plain.curves
    )


def test_loudness_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="3 values for 10 frames"):
        articulate([], 10, loudness=np.zeros(3, np.float32))


def test_strength_scales_the_mouth_but_not_its_closures() -> None:
    phones = said("ɑ m ɑ")
    none, half, full, more = (face(phones, strength=s) for s in (0.0, 0.5, 1.0, 1.5))
    assert not none.curves.any()
    jaw = [middle(t, phones[0], "jawOpen") for t in (half, full, more)]
    assert jaw[0] == pytest.approx(jaw[1] / 2, rel=0.02)
    assert jaw[2] == pytest.approx(jaw[1] * 1.5, rel=0.02)
    assert during_seal(more, phones[1]) == pytest.approx(during_seal(full, phones[1]), abs=1e-6)


# Time


def lag(signal: Array, wanted: Array) -> float:
    """Frames by which a signal follows what is wanted, to a fraction of one."""
    shifts = np.arange(-10, 11)
    fit = np.array([np.dot(np.roll(signal, -shift), wanted) for shift in shifts])
    best = int(fit.argmax())
    low, top, high = fit[best - 1 : best + 2]
    return float(shifts[best] + 0.5 * (low - high) / (low - 2 * top + high))


@pytest.mark.parametrize("start", [0.5, 0.503, 0.511])
def test_a_vowel_opens_around_its_middle(start: float) -> None:
    phone = Phone("ɑ", start, start + 0.14, 1)
    track = articulate([phone], 80)
    wanted = np.clip(1 - np.abs(np.arange(80) / FRAME_RATE - start - 0.07) / 0.12, 0, 1)
    assert abs(lag(track.curves[:, INDEX["jawOpen"]], wanted)) * 1000 / FRAME_RATE < 2


def test_the_face_of_a_sentence_keeps_time() -> None:
    phones = said(BOBS_THUMBS)
    track = face(phones)
    at = np.arange(len(track.curves)) / FRAME_RATE
    wide = {"ɑ": 0.5, "aɪ": 0.5, "ʌ": 0.36, "b": 0, "m": 0, "p": 0, "f": 0, "v": 0}
    wanted = np.zeros(len(at))
    for p in phones:
        open_until = p.start + (0.6 if p.symbol == "aɪ" else 1) * (p.end - p.start)
        wanted += wide.get(p.symbol, 0.1) * ((at >= p.start) & (at < open_until))
    assert abs(lag(opening(track) - opening(track).mean(), wanted - wanted.mean())) * 1000 / FRAME_RATE < 10


def test_the_mouth_rests_where_no_phone_is_near() -> None:
    phones = [*said("m ɑ"), *(p._replace(start=p.start + 0.8, end=p.end + 0.8) for p in said("ɑ t"))]
    track = face(phones)
    at = np.arange(len(track.curves)) / FRAME_RATE
    ends = phones[1].end
    far = (at < LEAD - 0.2) | ((at > ends + 0.1) & (at < phones[2].start - 0.2)) | (at > phones[-1].end + 0.1)
    assert np.abs(track.curves[far]).max() < 0.01
    assert not track.curves[0].any()
    assert not track.curves[-1].any()


def test_authority_is_full_within_words_and_gone_in_pauses() -> None:
    phones = [*said("m ɑ t"), *(p._replace(start=p.start + 1, end=p.end + 1) for p in said("s i"))]
    track = face(phones)
    at = np.arange(len(track.authority)) / FRAME_RATE
    inside = (at > phones[0].start + 0.034) & (at < phones[2].end - 0.034)
    np.testing.assert_allclose(track.authority[inside], 1, atol=1e-6)
    pause = (at > phones[2].end + 0.25) & (at < phones[3].start - 0.25)
    assert track.authority[pause].max() < 1e-6
    assert np.abs(np.diff(track.authority)).max() < 0.15


def test_any_span_gives_the_same_rows() -> None:
    phones = said(" ".join([BOBS_THUMBS] * 4))
    whole = face(phones)
    for first, count in ((0, 1), (37, 200), (250, 300), (-30, 60)):
        part = articulate(phones, count, first_frame=first)
        expected = articulate(phones, 700, first_frame=-30).curves[first + 30 : first + 30 + count]
        np.testing.assert_allclose(part.curves, expected, atol=1e-6)
    assert len(whole.curves) > 400


# Whatever comes

phone_tracks = st.lists(
    st.tuples(
        st.sampled_from([*sorted(INVENTORY), "", "☃"]),
        st.floats(0, 2),
        st.one_of(st.just(0.0), st.floats(0, 0.3)),
        st.integers(0, 2),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(phone_tracks, st.floats(0, 2), st.integers(0, 2**32 - 1))
def test_any_track_is_smooth_and_within_bounds(
    rows: list[tuple[str, float, float, int]], strength: float, seed: int
) -> None:
    phones = [Phone(symbol, start, start + length, stress) for symbol, start, length, stress in rows]
    loudness = np.random.default_rng(seed).random(160).astype(np.float32)
    track = articulate(phones, 160, first_frame=-12, loudness=loudness, strength=strength)
    assert track.curves.shape == (160, len(CURVES))
    assert track.curves.dtype == track.authority.dtype == np.float32
    assert np.isfinite(track.curves).all()
    assert track.curves.min() >= 0
    assert track.curves.max() <= 1
    assert np.abs(np.diff(track.curves, axis=0)).max() * FRAME_RATE <= SPEED_LIMIT + 1e-3
    assert (track.curves[:, INDEX["mouthClose"]] <= track.curves[:, INDEX["jawOpen"]] + 1e-6).all()
    assert 0 <= track.authority.min() <= track.authority.max() <= 1 + 1e-6


def test_ordinary_speech_moves_far_below_the_limit_and_without_corners() -> None:
    curves = face(said(BOBS_THUMBS)).curves
    assert np.abs(np.diff(curves, axis=0)).max() * FRAME_RATE < 0.6 * SPEED_LIMIT
    assert np.abs(np.diff(curves, 2, axis=0)).max() < 0.2


def test_no_phones_and_no_frames() -> None:
    silent = articulate([], 30)
    assert not silent.curves.any()
    assert not silent.authority.any()
    empty = articulate(said("m"), 0, loudness=np.zeros(0, np.float32))
    assert empty.curves.shape == (0, len(CURVES))
    assert empty.authority.shape == (0,)
