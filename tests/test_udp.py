"""What outputs and inputs share of UDP."""

import socket

import pytest

from bridge.udp import SILENCE_S, Silence, bound, resolved


async def test_a_name_of_two_families_means_ipv4() -> None:
    assert await resolved("localhost", 9) == (socket.AF_INET, ("127.0.0.1", 9))
    with pytest.raises(socket.gaierror):
        await resolved("no.such.host.invalid", 9)


def test_a_port_has_one_owner() -> None:
    with bound(socket.AF_INET, ("127.0.0.1", 0)) as line:
        assert not line.getblocking()
        with pytest.raises(OSError, match=r"in use|only one usage"):
            bound(socket.AF_INET, line.getsockname())


def test_a_reason_is_told_once_in_a_while_and_another_at_once() -> None:
    silence = Silence()
    assert [silence.broken("full", now) for now in (0.0, 1.0, SILENCE_S, SILENCE_S + 1)] == [True, False, True, False]
    assert silence.broken("empty", 1.0)
