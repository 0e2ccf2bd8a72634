"""`rigcast animate`: a recording or a text becomes curves, an animation or a motion capture file."""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bridge import takes
from bridge.commands import CommandError
from bridge.commands.files import check_files
from bridge.takes.journal import beside

if TYPE_CHECKING:
    from bridge.animation import Manner

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

TEXT_CHARACTERS = 100_000
"""Length of a text at most: some two hours."""

PATIENCE_S = 60.0
"""For one sentence: nobody waits for it live, and the machine may be busy."""

SOUND = ".wav"

EXAMPLES = """examples:
  rigcast animate line.wav --out line.csv
  rigcast animate line.mp3 --out line.glb --emotion happy:0.6
  rigcast animate interview.flac --out face.csv --no-idle --strength 0.8
  rigcast animate --text "[happy] Hello there!" --out hello.vrma"""


def add_parser(subparsers: "Subparsers") -> None:
    """Add `animate` to the program's commands."""
    parser = subparsers.add_parser(
        "animate", help="turn a sound file, or a text, into an animation", epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Makes an animation of 60 frames a second of a sound file or of a text, faster than it is spoken.\n"
        "How the name of OUT ends chooses the format: .csv (Live Link Face), .json, .bvh, .glb, .vrma;\n"
        "of a text also .wav, its sound alone.",
    )  # fmt: skip
    parser.add_argument("sound", nargs="?", type=Path, metavar="IN", help="wav, flac, mp3, ogg, opus, aiff, m4a, ...")
    parser.add_argument("--text", help='speak this instead ("-": standard input); its sound goes beside OUT as .wav')
    parser.add_argument("--out", type=Path, required=True, metavar="OUT", help="the file to be made")
    parser.add_argument(
        "--model", default="", metavar="NAME", help="what hears: see `rigcast models list`, or an .onnx"
    )
    parser.add_argument("--voice", default="", metavar="NAME", help="who speaks a text: see `rigcast voices`")
    parser.add_argument("--emotion", default="neutral", metavar="NAME[:X]", help="how it is said: happy, or sad:0.5")
    parser.add_argument("--strength", type=float, metavar="X", help="how far the mouth goes, 0 to 2 (1)")
    parser.add_argument(
        "--idle", action=argparse.BooleanOptionalAction, default=True,
        help="whether the character blinks, looks about, breathes and moves besides (yes)",
    )  # fmt: skip
    parser.add_argument("--face", choices=takes.FACES, default="sync", help="expressions of a .vrma (sync)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="chooses blinks, glances, gestures (0)")
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist already")
    parser.set_defaults(run=animate)


def animate(args: argparse.Namespace) -> int:
    """Make the file, and say what it holds."""
    from bridge.face.card import ModelError
    from bridge.sound_files import SoundError
    from bridge.speech.voice import VoiceError

    begun = time.monotonic()
    try:
        _check(args)
        seconds = _of_text(args) if args.text is not None else _of_sound(args)
    except (ModelError, SoundError, VoiceError, takes.TakeError) as error:
        raise CommandError(str(error)) from None
    took = time.monotonic() - begun
    print(f"{args.out}: {seconds:.1f} s, {round(seconds * 60)} frames, made in {took:.1f} s")
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse what cannot be before any work is done."""
    if (args.sound is None) == (args.text is None):
        raise CommandError("give a sound file, or --text and what to say: one of the two")
    if args.text is not None and (args.strength is not None or args.model):
        raise CommandError("--strength and --model are for sound files; a text needs no ears")
    if args.sound and args.voice:
        raise CommandError("--voice is for --text; a sound file has its own")
    takes.kind_of(args.out, takes.WRITTEN if args.sound else (*takes.WRITTEN, SOUND))
    check_files([args.out] if args.sound else list(dict.fromkeys([args.out, _sound_of(args.out)])), args.overwrite)
    if args.strength is not None and not 0 <= args.strength <= 2:
        raise CommandError(f"--strength {args.strength:g}: must be 0 to 2")


def _sound_of(path: Path) -> Path:
    """Where the sound of a text goes: beside the take, unless it is all that is wanted."""
    return path if path.suffix.lower() == SOUND else path.with_suffix(SOUND)


def _of_sound(args: argparse.Namespace) -> float:
    """Returns the seconds of the take."""
    from bridge import animation
    from bridge.commands.progress import bar
    from bridge.face.card import locate
    from bridge.face.hearing import Hearing
    from bridge.face.model import load
    from bridge.frames import FRAME_RATE
    from bridge.sound_files import opened

    manner, frames = _manner(args), 0
    with opened(args.sound) as sound, _replacing(args.out) as part:
        hearing = Hearing(load(locate(args.model), "cpu"))
        with takes.writer(part, sound=args.sound.name, face=args.face) as take, bar(sound.seconds) as progress:
            for piece in animation.of_sound(hearing, sound.pieces, manner):
                take.write(piece.motion)
                frames += len(piece.motion)
                progress(len(piece.motion) / FRAME_RATE)
            take.finish()
    return frames / FRAME_RATE


def _of_text(args: argparse.Namespace) -> float:
    """Returns the seconds of the take."""
    text = sys.stdin.read(TEXT_CHARACTERS + 1) if args.text == "-" else args.text
    if not text.strip():
        raise CommandError("there is nothing to say")
    if len(text) > TEXT_CHARACTERS:
        raise CommandError(f"the text has more than {TEXT_CHARACTERS} characters; split it")
    return asyncio.run(_speak(text, args))


async def _speak(text: str, args: argparse.Namespace) -> float:
    from bridge import animation
    from bridge.frames import AUDIO_RATE
    from bridge.speech.espeak import EspeakVoices
    from bridge.takes.wav import WavWriter

    manner, wav = _manner(args), _sound_of(args.out)
    voices = await EspeakVoices.start(time_limit=PATIENCE_S)
    try:
        voices.find(args.voice)
        with ExitStack() as stack:
            sound = stack.enter_context(WavWriter(stack.enter_context(_replacing(wav))))
            take = None
            if wav != args.out:
                part = stack.enter_context(_replacing(args.out))
                take = stack.enter_context(takes.writer(part, sound=wav.name, face=args.face))
            async for piece in animation.of_text(voices, text, args.voice, manner):
                sound.write(piece.pcm)
                if take:
                    take.write(piece.motion)
            if take:
                take.finish()
    finally:
        await voices.close()
    return sound.samples / AUDIO_RATE


def _manner(args: argparse.Namespace) -> "Manner":
    from bridge.animation import Manner

    name, intensity = emotion(args.emotion)
    strength = 1.0 if args.strength is None else args.strength
    return Manner(name, intensity, strength, args.idle, args.seed)


def emotion(text: str) -> tuple[str, float]:
    """The name and the intensity of "happy" or "happy:0.5". Raises CommandError."""
    from bridge.face.emotion import EMOTIONS

    name, _, share = text.partition(":")
    if name not in EMOTIONS:
        raise CommandError(f"--emotion {text}: there is no emotion {name!r}; there are {', '.join(EMOTIONS)}")
    try:
        intensity = float(share or 1)
    except ValueError:
        intensity = -1
    if not 0 <= intensity <= 1:
        raise CommandError(f"--emotion {text}: the intensity must be 0 to 1, as in {name}:0.5")
    return name, intensity


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Where to write meanwhile: it takes the place of `path` when all went well, and is gone otherwise."""
    part = path.with_name(f"{path.stem}.part{path.suffix}")
    journal = beside(part)
    journal.unlink(missing_ok=True)  # of one that was killed
    try:
        yield part
        os.replace(part, path)
    except BaseException:
        for left in (part, journal):
            left.unlink(missing_ok=True)
        raise
