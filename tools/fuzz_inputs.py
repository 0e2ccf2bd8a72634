"""Mutated packets for every reader of bridge/inputs: whatever comes is read or refused, and nothing grows.

    python tools/fuzz_inputs.py --packets 1000000

Seeded, so that what fails fails again. A short run is among the tests. Prints a line for each protocol; exits with 1
at the first packet that is neither read nor refused, and prints it.
"""

import argparse
import gc
import json
import random
import sys
import time
import tracemalloc
from collections.abc import Callable

import numpy as np

from bridge.curves import CURVES
from bridge.inputs import ifacialmocap, livelink, vtubestudio
from bridge.inputs.captured import Captured, PacketError
from bridge.inputs.vmc import Performer
from bridge.outputs.feed import Pose
from bridge.outputs.livelink import LiveLinkFace
from bridge.outputs.target import Target
from bridge.outputs.vmc import Vmc
from bridge.skeleton import rest_rotations

MOST_GROWTH = 256 * 1024
"""Bytes by which what is held may differ between a fifth of the packets and the end: caches, no more."""

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
        "vtubestudio": [json.dumps(face).encode(), b'{"FaceFound":false}'],
        "vmc": Vmc(target).datagrams(pose, 0.0),
    }


def readers() -> dict[str, Callable[[bytes], object]]:
    """Fresh readers by protocol."""
    return {
        "livelink": livelink.read, "ifacialmocap": ifacialmocap.read, "vtubestudio": vtubestudio.read,
        "vmc": Performer().read,
    }  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The packet with one to three changes: bytes changed, cut, doubled, put in, or replaced by what is nasty."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(out) + 1)
        match chance.randrange(5):
            case 0 if out:
                out[at % len(out)] = chance.randrange(256)
            case 1:
                del out[at : at + chance.randrange(64)]
            case 2:
                out[at:at] = out[at : at + chance.randrange(64)]
            case 3:
                out[at:at] = chance.randbytes(chance.randrange(16))
            case _:
                nasty = chance.choice(NASTY)
                out[at : at + len(nasty)] = nasty
    return bytes(out)


def fuzz(protocol: str, packets: int, seed: int) -> tuple[int, int]:
    """How many of the packets were refused, and by how many bytes what is held grew.

    Raises whatever a reader raises beside PacketError, with the packet as its note.
    """
    chance, read, sound = random.Random(seed), readers()[protocol], samples()[protocol]
    refused, held = 0, 0
    tracemalloc.start()
    try:
        for i in range(packets):
            if i == packets // 5:
                held = _held()
            packet = mutated(chance.choice(sound), chance)
            try:
                _check(read(packet))
            except PacketError:
                refused += 1
            except Exception as error:
                error.add_note(f"{protocol}, seed {seed}, packet {i}: {packet!r}")
                raise
        return refused, _held() - held
    finally:
        tracemalloc.stop()


def _held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def _check(read: object) -> None:
    """What was read keeps to its bounds."""
    for captured in read if isinstance(read, list) else [read]:
        assert isinstance(captured, Captured)
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
    for protocol in [args.protocol] if args.protocol else readers():
        began = time.perf_counter()
        refused, growth = fuzz(protocol, args.packets, args.seed)
        seconds = time.perf_counter() - began
        print(
            f"{protocol}: {args.packets} packets in {seconds:.0f} s, {refused} refused, grew by {growth} bytes",
            flush=True,
        )
        if growth > MOST_GROWTH:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
