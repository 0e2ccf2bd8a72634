"""Mutated packets for every place of bridge/inputs, from bytes to poses: all are read or refused, and nothing grows.

    python tools/fuzz_inputs.py --packets 1000000

Seeded, so that what fails fails again. A short run is among the tests. Prints a line for each protocol; exits with 1
at the first packet that is neither read nor refused, and prints it.
"""

import argparse
import gc
import json
import logging
import random
import sys
import time
from collections.abc import Callable

import numpy as np

from bridge.curves import CURVES
from bridge.frames import FRAME_RATE, SAMPLES_PER_FRAME
from bridge.inputs import ifacialmocap, livelink, vtubestudio
from bridge.inputs.binding import bindings
from bridge.inputs.capture import Capture
from bridge.inputs.captured import Captured
from bridge.inputs.follower import Follower
from bridge.inputs.receiver import TICK_S, Receiver
from bridge.inputs.vmc import Performer
from bridge.outputs.feed import Pose
from bridge.outputs.livelink import LiveLinkFace
from bridge.outputs.target import Target
from bridge.outputs.vmc import Vmc
from bridge.skeleton import rest_rotations

MOST_GROWTH = 4096
"""Blocks of memory by which what is held may differ between a fifth of the packets and the end: caches, no more."""

FRAMES_AT_ONCE, SHOWN_EVERY = 8, 64

NASTY = (
    b"\xff" * 4,
    bytes(4),
    b"\x7f\xff\xff\xff",
    b"\x7f\xc0\0\0",
    b"#bundle\0",
    b"|",
    b"-",
    b"[",
    b"1e999",
    b"\xc3\x28",
)


def samples() -> dict[str, list[bytes]]:
    """Whole packets of each protocol."""
    pose = Pose(0, np.linspace(0, 1, len(CURVES), dtype=np.float32), rest_rotations(1)[0], np.zeros(3, np.float32))
    shapes = [{"k": name, "v": i / 52} for i, name in enumerate(CURVES)]
    angles = {"x": 1.0, "y": -2.0, "z": 3.5}
    face = {"Timestamp": 1_700_000_000_000, "FaceFound": True, "Rotation": angles, "BlendShapes": shapes}
    head = "=head#1.5,-2,3,0,0,0|rightEye#1,2,3|leftEye#1,2,3|"
    names = "".join(f"{name.replace('Left', '_L').replace('Right', '_R')}-{i}|" for i, name in enumerate(CURVES))
    target = Target("127.0.0.1", 1, face=("sync", "vrm0"))
    return {
        "livelink": LiveLinkFace(target).datagrams(pose, 1234.5),
        "ifacialmocap": [(names + head).encode(), (names.replace("-", "&") + head).encode()],
        "vtubestudio": [json.dumps(face).encode(), json.dumps(face | {"FaceFound": False}).encode()],
        "vmc": Vmc(target).datagrams(pose, 0.0),
    }


def readers() -> dict[str, Callable[[bytes], object]]:
    """Fresh readers by protocol."""
    return {
        "livelink": livelink.read, "ifacialmocap": ifacialmocap.read, "vtubestudio": vtubestudio.read,
        "vmc": Performer().read,
    }  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The packet with one to three changes: bits turned, digits exchanged; every other time bytes cut or put in too."""
    out = bytearray(data)
    kinds = chance.choice((2, 6))
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(out) + 1)
        match chance.randrange(kinds):
            case 0 if out:
                out[at % len(out)] ^= 1 << chance.randrange(8)
            case 1:
                digit = out.find(chance.choice(b"0123456789"), at)
                out[digit : digit + 1] = bytes([chance.choice(b"0123456789-.e")])
            case 2:
                nasty = chance.choice(NASTY)
                out[at : at + len(nasty)] = nasty
            case 3:
                del out[at : at + chance.randrange(64)]
            case 4:
                out[at:at] = out[at : at + chance.randrange(64)]
            case _:
                out[at:at] = chance.randbytes(chance.randrange(16))
    return bytes(out)


class Place(Receiver):
    """A place on a clock of its own, where every packet comes a frame after the one before; checks what was read."""

    def __init__(self, protocol: str) -> None:
        (binding,) = bindings(f"{protocol}:127.0.0.1:9,smooth=1,neutral=first")
        super().__init__(binding.place, lambda: self.time)
        self.time = 0.0
        self._capture = Capture([Follower(binding, self.devices, lambda: self.time)])

    def take(self, packet: bytes) -> None:
        """A packet arrives, and now and then a session asks what to show."""
        self.time += TICK_S
        self.datagram_received(packet, ("127.0.0.1", 9))
        frame = round(self.time * FRAME_RATE)
        if frame % SHOWN_EVERY == 0:
            self._show(frame)

    def _show(self, frame: int) -> None:
        self._capture.update(frame * SAMPLES_PER_FRAME)
        rotations, root = rest_rotations(FRAMES_AT_ONCE), np.zeros((FRAMES_AT_ONCE, 3), np.float32)
        rotations, root = self._capture.body(frame, rotations, root)
        face = np.zeros((FRAMES_AT_ONCE, len(CURVES)), np.float32)
        curves = self._capture.face(face, np.zeros(FRAMES_AT_ONCE, np.float32))
        assert ((curves >= 0) & (curves <= 1)).all(), "curves beyond 0..1 are shown"
        assert np.abs(np.linalg.norm(rotations, axis=-1) - 1).max() < 1e-3, "rotations that are none are shown"
        assert np.isfinite(root).all(), "hips that are nowhere are shown"

    def _read(self, host: str, data: bytes) -> list[Captured]:
        found = super()._read(host, data)
        for captured in found:
            _check(captured)
        return found


def fuzz(protocol: str, packets: int, seed: int) -> tuple[int, int]:
    """How many of the packets were refused, and by how many blocks of memory what is held grew.

    Raises whatever a reader, or what stands behind it, raises, with the packet as its note.
    """
    chance, place, sound = random.Random(seed), Place(protocol), samples()[protocol]
    held = 0
    for i in range(packets):
        if i == packets // 5:
            held = _held()
        packet = mutated(chance.choice(sound), chance)
        try:
            place.take(packet)
        except Exception as error:
            error.add_note(f"{protocol}, seed {seed}, packet {i}: {packet!r}")
            raise
    return sum(place.complaints.reasons.values()), _held() - held


def _held() -> int:
    """Blocks of memory that Python holds; an array counts as one, however large."""
    gc.collect()
    return sys.getallocatedblocks()


def _check(captured: Captured) -> None:
    """What was read keeps to its bounds."""
    assert ((captured.curves >= 0) & (captured.curves <= 1)).all(), "curves beyond 0..1"
    assert np.abs(np.linalg.norm(captured.rotations, axis=-1) - 1).max() < 1e-3, "rotations that are none"
    for numbers in (captured.head, captured.hips):
        assert numbers is None or np.isfinite(numbers).all(), "numbers that are none"


def main() -> int:
    """Fuzz every protocol."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packets", type=int, default=1_000_000, help="of each protocol (1000000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--protocol", choices=list(readers()), help="only this one")
    args = parser.parse_args()
    logging.disable(logging.WARNING)  # complaints
    for protocol in [args.protocol] if args.protocol else readers():
        began = time.perf_counter()
        refused, growth = fuzz(protocol, args.packets, args.seed)
        seconds = time.perf_counter() - began
        print(
            f"{protocol}: {args.packets} packets in {seconds:.0f} s, {refused} refused, grew by {growth} blocks",
            flush=True,
        )
        if growth > MOST_GROWTH:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
