"""The core against a real server that is killed in the middle of a sentence, and started again on the same port."""

import subprocess
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
import pytest
from real_bridge import started
from unreal_listening import Perceived, arguments, perceived

TEXT = "The quick brown fox jumps over the lazy dog, and lands."
AWAY_S = 1.0
"""How long there is no server, besides the time that it takes to start."""


@dataclass
class Resumed:
    """A run: what was perceived, the connection's states, the troubles, and when the new server was there."""

    seen: Perceived
    states: list[tuple[float, str]]
    troubles: list[str]
    back_us: float
    """Local time, microseconds."""


@pytest.fixture(scope="module")
def resumed() -> Resumed:
    """A listener whose server is killed while it speaks, and comes back."""
    with started() as first:
        port = str(urlsplit(first.websocket).port)
        command = arguments(first, "resumed", TEXT)
        listener = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        assert listener.stdout is not None
        said = []
        while not said or not said[-1].endswith(" live\n"):
            said.append(listener.stdout.readline())
            assert said[-1], "the listener ended"
        time.sleep(1.5)
        first.process.kill()
        first.process.wait()
        time.sleep(AWAY_S)
    with started("--http-port", port):
        back_us = time.monotonic() * 1e6
        said.append(listener.communicate(timeout=60)[0])
    assert listener.returncode == 0, "".join(said)[:2000]
    lines = "".join(said).splitlines()
    states = [line.split(maxsplit=2) for line in lines if line.startswith("state")]
    troubles = [line for line in lines if line.startswith("trouble")]
    return Resumed(perceived("\n".join(lines)), [(float(t), name) for _, t, name in states], troubles, back_us)


def test_it_joins_again_by_itself(resumed: Resumed) -> None:
    names = [name for _, name in resumed.states]
    assert names[:4] == ["connecting", "joining", "live", "waiting to try again"]
    assert names[-3:] == ["connecting", "joining", "live"]


def test_the_cause_is_named(resumed: Resumed) -> None:
    assert "The connection broke" in resumed.troubles[0]
    assert len(resumed.troubles) > 1
    assert all("rigcast serve" in trouble for trouble in resumed.troubles[1:])


def test_the_new_session_s_poses_follow_the_old_one_s(resumed: Resumed) -> None:
    times, sessions = resumed.seen.images[:, 1], resumed.seen.images[:, 3]
    assert list(np.unique(sessions)) == [1, 2]
    assert np.all(np.diff(sessions) >= 0)
    for session in (1, 2):
        assert np.all(np.diff(times[sessions == session]) >= 0)


def test_the_mouth_is_shut_while_nobody_is_there(resumed: Resumed) -> None:
    images = resumed.seen.images
    lost = next(t for t, name in resumed.states if name == "waiting to try again")
    alone = (images[:, 3] == 1) & (images[:, 0] > lost + 1e6)
    assert alone.any()
    assert images[alone, 2].max() < 0.01


def test_it_speaks_again(resumed: Resumed) -> None:
    images = resumed.seen.images
    again = images[(images[:, 3] == 2) & (images[:, 0] > resumed.back_us)]
    print(f"resumed {(again[0, 0] - resumed.back_us) / 1e6:.2f} s after the server was back")
    assert again[:, 2].max() > 0.2
