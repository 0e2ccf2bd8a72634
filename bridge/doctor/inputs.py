"""Captured faces."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from bridge.config import Config, authority, is_loopback
from bridge.doctor.finding import Finding, State
from bridge.doctor.running import asked

if TYPE_CHECKING:
    from bridge.inputs.binding import Place
    from rigcast.v1 import service_pb2


async def check(config: Config) -> AsyncIterator[Finding]:
    """Whether captured faces can be heard, and are."""
    from bridge.inputs.binding import places
    from rigcast.v1 import service_pb2

    wanted = list(dict.fromkeys(places(config.capture)))
    if not wanted:
        yield Finding(
            "inputs", State.OK, "none; --capture mixes a captured face in, `rigcast inputs` tells who is heard"
        )
        return
    answer = await asked(config, "ListInputs", service_pb2.ListInputsRequest())
    heard = {(place.protocol, place.address): place for place in (answer.inputs if answer else ())}
    for place in wanted:
        told = heard.get((place.protocol, authority(place.host, place.port)))
        yield _heard_at(told) if told else await _could_hear(place)


def _heard_at(place: "service_pb2.Input") -> Finding:
    """A place of the running bridge."""
    where = f"{place.protocol} {place.address}"
    if place.faults and not place.devices:
        return Finding("input", State.BROKEN, f"{where}: {place.faults[0].reason}", "rigcast inputs tells more")
    if not place.devices:
        return Finding("input", State.NOTE, f"{where}: nobody yet", "look at the app's address, port and mode")
    names = ", ".join(f"{device.name} at {device.rate:.0f} Hz" for device in place.devices)
    return Finding("input", State.OK, f"{where}: {names}")


async def _could_hear(place: "Place") -> Finding:
    """A place that no running bridge listens at."""
    from bridge.inputs.receiver import Receiver

    receiver = Receiver(place)
    try:
        await receiver.open()
    except OSError as error:
        remedy = "end the program that has the port, or correct the address"
        return Finding("input", State.BROKEN, f"{receiver}: {error.strerror or error}", remedy)
    receiver.close()
    if is_loopback(place.host):
        text = f"{receiver}: free; only this machine can send there"
        return Finding("input", State.OK, text, f"for a phone: {place.protocol}:0.0.0.0:{place.port}")
    return Finding("input", State.NOTE, f"{receiver}: free; whoever can reach it can move the character")
