"""What a model must hold beyond its contract's names and shapes: tried with real streams, told in figures."""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bridge.face.batch import LIMIT, Batch
from bridge.face.card import RATE
from bridge.face.downsample import Downsampler
from bridge.face.ears import MAX_STRENGTH, Ear, Heard, heard_until
from bridge.face.hearing import Hearing, hear_clip
from bridge.face.model import Answer, Model, ModelError
from bridge.frames import AUDIO_RATE, FRAME_RATE, SAMPLES_PER_FRAME, Pcm
from bridge.skeleton import Array

STREAMED = 1e-4
BATCHED = 1e-5
"""How far a curve may differ between a stream and the whole clip, and between a batch and a run of its own."""

CHUNKS_MS = (1, 3, 10, 20, 33, 100, 333, 1000)

LASTING = 1e-3
"""How far curves may differ when the same ten seconds are heard after five minutes and for the last time."""
WARMING = 0.1
"""The same after half a minute, when a model may still remember the silence before the first sound."""

MEMORY_MB = 16.0
"""How much the process may grow meanwhile: an allocator's own play, far below a leak of a few bytes a frame."""

_WARM = 3
_SETTLED = 30  # passes after which a model's memory, half a minute long, holds nothing of the silence before the first
_PASS_S = 10  # every frame of a pass meets the same samples as in the pass before: E_k repeats every 3 frames


class Trial(NamedTuple):
    """What was tried, whether it held, and the figure."""

    name: str
    ok: bool
    figure: str


def trials(model: Model, hours: float = 0) -> Iterator[Trial]:
    """All of them, as they end; some seconds in all, and with `hours` a stream of that length."""
    every: tuple[Callable[[Model], Trial], ...] = (streamed, foresight, batched, reset, neighbours, extremes)
    for trial in every:
        yield tried(trial, model)
    if hours:
        yield tried(lasting, model, hours)


def tried(trial: Callable[..., Trial], *args: Any) -> Trial:
    """What a trial found; one that cannot be carried out has failed."""
    try:
        return trial(*args)
    except Exception as error:  # onnxruntime's classes have no common base of their own
        return Trial(trial.__name__, False, str(error).splitlines()[0][:300])


def speechlike(seconds: float, seed: int = 0) -> Pcm:
    """Syllables of voice and hiss with pauses between, 24 kHz: no speech, but what a model is sensitive to."""
    chance = np.random.default_rng(seed)
    t = np.arange(round(seconds * AUDIO_RATE)) / AUDIO_RATE
    pitch = 120 * (1 + 0.5 * chance.random()) * (1 + 0.1 * np.sin(2 * np.pi * 0.7 * t))
    phase = 2 * np.pi * np.cumsum(pitch) / AUDIO_RATE
    voice = sum(np.sin(h * phase) / h for h in range(1, 25))
    hiss = chance.standard_normal(len(t))
    syllable = np.clip(np.sin(2 * np.pi * 2.3 * t + 6 * chance.random()), 0, 1)
    pause = np.sin(2 * np.pi * 0.4 * t + 6 * chance.random()) > -0.6
    sound = pause * (0.25 * syllable * voice + 0.1 * np.roll(syllable, AUDIO_RATE // 6) * hiss)
    return np.asarray(np.clip(sound, -1, 1) * 32767, np.int16)


def streamed(model: Model) -> Trial:
    """A clip in chunks of 1 to 1000 ms against the whole of it."""
    pcm = speechlike(4)
    whole = _rows([hear_clip(model, pcm)])
    chance = np.random.default_rng(1)
    ways = [np.full(len(pcm), ms * AUDIO_RATE // 1000) for ms in CHUNKS_MS]
    ways.append(chance.integers(1, AUDIO_RATE, len(pcm)))
    worst = max(_apart(_stream(model, pcm, way), whole) for way in ways)
    return Trial("streamed = whole clip", worst <= STREAMED, f"{worst:.1e} apart in chunks of 1 to 1000 ms")


def foresight(model: Model) -> Trial:
    """Other sound from an instant on: no frame that cannot have heard it may change, and the sound must matter."""
    pcm, other = speechlike(3), speechlike(3, seed=7)
    before = _rows([hear_clip(model, pcm)])
    changed, heard_ms = 0, 0.0
    for at in (AUDIO_RATE, 2 * AUDIO_RATE - 123):
        after = _rows([hear_clip(model, np.concatenate((pcm[:at], other[at:])))])
        frames = np.flatnonzero((before != after).any(axis=1))
        deaf = (at - Ear(model).delay) // SAMPLES_PER_FRAME + 1  # frames that end their hearing before the change
        changed += int((frames < deaf).sum())
        if not len(frames):
            return Trial("look-ahead", False, "other sound makes no other face: it does not hear")
        heard_ms = max(heard_ms, (at / AUDIO_RATE - frames[0] / FRAME_RATE) * 1000)
    says = f"{model.card.look_ahead_ms:g} ms by its card"
    return Trial(
        "look-ahead",
        not changed,
        f"{changed} frames change too early; it hears at least {heard_ms:.0f} ms ahead, {says}",
    )


def batched(model: Model) -> Trial:
    """Streams that join and leave a batch against each alone."""
    chance = np.random.default_rng(2)
    hearing = Hearing(model)
    sounds = [speechlike(0.3 + 1.2 * chance.random(), seed) for seed in range(LIMIT)]
    joins = chance.integers(0, 90, LIMIT)
    ears = [Ear(model) for _ in sounds]
    found: dict[Ear, list[Heard]] = {ear: [] for ear in ears}
    for tick in range(90 + 2 * FRAME_RATE):
        for ear, pcm, join in zip(ears, sounds, joins, strict=True):
            _feed_tick(ear, pcm, tick - int(join))
        for heard in hearing.hear(ears):
            found[heard.ear].append(heard)
    worst = max(
        _apart(_rows(found[ear]), _rows([hear_clip(model, pcm)])[: sum(len(h.curves) for h in found[ear])])
        for ear, pcm in zip(ears, sounds, strict=True)
    )
    return Trial("batched = alone", worst <= BATCHED, f"{worst:.1e} apart with {LIMIT} streams that join and leave")


def _feed_tick(ear: Ear, pcm: Pcm, tick: int) -> None:
    """What a live stream that began `tick` ticks ago brings now."""
    if tick < 0 or tick * SAMPLES_PER_FRAME >= len(pcm):
        return
    ear.feed(pcm[tick * SAMPLES_PER_FRAME : (tick + 1) * SAMPLES_PER_FRAME])
    if (tick + 1) * SAMPLES_PER_FRAME >= len(pcm):
        ear.flush()


def reset(model: Model) -> Trial:
    """An ear that is reset against a new one."""
    pcm = speechlike(1)
    hearing, ear = Hearing(model), Ear(model)
    ear.feed(speechlike(2, seed=3))
    while ear.due:
        hearing.hear([ear])
    ear.reset()
    ear.feed(pcm)
    ear.flush()
    again = _drain(hearing, ear)
    worst = _apart(_rows(again), _rows([hear_clip(model, pcm)]))
    return Trial("reset = new stream", worst == 0, f"{worst:.1e} apart")


def neighbours(model: Model) -> Trial:
    """Rows beside silence against the same beside a square wave, and beside what is not a number."""
    sounds = np.stack([_at_model_rate(speechlike(1, seed)) for seed in range(3)])
    answers = []
    for beside in (0.0, np.where(np.arange(sounds.shape[1]) // 40 % 2, 1.0, -1.0), np.nan):
        sounds[1] = beside
        answers.append([part[:, [0, 2]] for part in _raw(model, sounds)])
    worst = max(_apart(a, b) for other in answers[1:] for a, b in zip(answers[0], other, strict=True))
    return Trial("neighbours", worst <= BATCHED, f"{worst:.1e} apart beside the loudest, and beside not a number")


def extremes(model: Model) -> Trial:
    """Silence, noise, the loudest square wave, a constant, clicks: under every strength and emotion."""
    t = np.arange(RATE)
    chance = np.random.default_rng(4)
    square = np.where(t // 40 % 2, 1.0, -1.0)
    sounds = (0 * t, chance.uniform(-1, 1, RATE), square, 0 * t + 1, (t % 4000 == 0) * 1.0)
    worst_low, worst_high, finite = 0.0, 1.0, True
    for strength in (0.0, 1.0, MAX_STRENGTH):
        for feeling in np.eye(len(model.card.emotions), dtype=np.float32):
            answer = _raw(model, np.stack(sounds).astype(np.float32), strength, feeling)
            finite = finite and all(bool(np.isfinite(part).all()) for part in answer)
            worst_low = min(worst_low, *(float(part.min()) for part in answer[:3]))
            worst_high = max(worst_high, *(float(part.max()) for part in answer[:3]))
    ok = finite and worst_low >= -BATCHED and worst_high <= 1 + BATCHED
    figure = f"within {worst_low:.4g}..{worst_high:.4g}" if finite else "not all numbers are finite"
    return Trial("extremes", ok, f"{figure} under silence, noise, square wave, constant, clicks")


def lasting(model: Model, hours: float) -> Trial:
    """One stream for hours, the same ten seconds over and over: what drifts?"""
    pcm = speechlike(_PASS_S)
    hearing, ear = Hearing(model), Ear(model)
    passes = max(round(hours * 3600 / _PASS_S), _SETTLED + 1)
    took: list[float] = []
    for i in range(passes):
        began = time.perf_counter()
        rows = _rows(_pass(hearing, ear, pcm))
        took.append((time.perf_counter() - began) / len(rows))
        if i == _WARM - 1:
            warm = rows
        if i == _SETTLED - 1:
            settled, memory = rows, _memory_mb()
    warming, drift = _apart(rows, warm), _apart(rows, settled)
    grown = _memory_mb() - memory
    due = (passes * len(pcm) - ear.delay) // SAMPLES_PER_FRAME + 1
    share = max(passes // 10, 1)
    early, late = (statistics.median(part) * 1e6 for part in (took[1 : share + 1], took[-share:]))
    steady = warming <= WARMING and drift <= LASTING
    ok = steady and ear.next_frame == due and not grown > MEMORY_MB  # not a number without psutil
    figure = (
        f"{passes * _PASS_S / 3600:.2g} h: {drift:.1e} apart from the fifth minute, {warming:.1e} from the first, "
        f"{ear.next_frame - due} frames off, {grown:+.1f} MB, {early:.0f} then {late:.0f} µs a frame"
    )
    return Trial("lasting", ok, figure)


def _pass(hearing: Hearing, ear: Ear, pcm: Pcm) -> list[Heard]:
    found = []
    for first in range(0, len(pcm), AUDIO_RATE):
        ear.feed(pcm[first : first + AUDIO_RATE])
        found += _drain(hearing, ear)
    return found


def _memory_mb() -> float:
    """What the process holds; not a number without psutil."""
    try:
        import psutil
    except ImportError:
        return float("nan")
    return float(psutil.Process().memory_info().rss / 2**20)


def _stream(model: Model, pcm: Pcm, chunks: npt.NDArray[Any]) -> Array:
    hearing, ear, found, at = Hearing(model), Ear(model), [], 0
    for chunk in chunks:
        if at >= len(pcm):
            break
        ear.feed(pcm[at : at + int(chunk)])
        found += hearing.hear([ear])
        at += int(chunk)
    ear.flush()
    return _rows(found + _drain(hearing, ear))


def _drain(hearing: Hearing, ear: Ear) -> list[Heard]:
    found = []
    while ear.due:
        found += hearing.hear([ear], FRAME_RATE)
    return found


def _rows(found: list[Heard]) -> Array:
    """Curves, authority and emphasis of all frames: (n, 54). Raises ModelError if one could not be computed."""
    if failed := sum(h.failed for h in found):
        raise ModelError(f"{failed} of {sum(len(h.curves) for h in found)} frames could not be computed")
    return np.concatenate([np.column_stack((h.curves, h.authority, h.emphasis)) for h in found])


def _apart(a: Array, b: Array) -> float:
    """The largest difference; infinite where the shapes differ or something is not a number."""
    if a.shape != b.shape:
        return float("inf")
    worst = float(np.max(np.abs(a - b), initial=0))
    return worst if np.isfinite(worst) else float("inf")


def _at_model_rate(pcm: Pcm) -> Array:
    return Downsampler().feed(pcm)[: RATE * 9 // 10]


def _raw(model: Model, sounds: Array, strength: float = 1.0, emotion: Array | None = None) -> Answer:
    """The model's own words for sounds (n, samples at RATE), neither bounded nor mended: (frames, n, ...) each."""
    count, window = len(sounds), model.window
    batch, answers = Batch(model), []
    lead = max(window - model.card.look_ahead, 0)
    padded = np.pad(sounds, ((0, 0), (lead, 0)))
    batch.state[:count] = 0
    for frame in range((sounds.shape[1] - model.card.look_ahead) * FRAME_RATE // RATE):
        end = heard_until(frame, model.card.look_ahead) + lead
        batch.audio[:count] = padded[:, end - window : end]
        batch.strength[:count] = strength
        batch.emotion[:count] = 0 if emotion is None else emotion
        answers.append(batch.run(count))
        batch.state[:count] = answers[-1].state
    return Answer(*(np.stack(part) for part in zip(*answers, strict=True)))
