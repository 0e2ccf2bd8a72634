"""What goes out to other programs, and whether somebody is there to hear it."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from bridge.config import Config
from bridge.doctor.finding import Finding, State
from bridge.doctor.running import asked

if TYPE_CHECKING:
    from bridge.outputs.sender import Output


async def check(config: Config) -> AsyncIterator[Finding]:
    """What a running bridge sends to other programs, and whether somebody is there to hear what it is to send."""
    from bridge.commands.outputs import line
    from bridge.outputs.sender import outputs
    from rigcast.v1 import service_pb2

    answer = await asked(config, "ListOutputs", service_pb2.ListOutputsRequest())
    sent = list(answer.outputs) if answer else []
    for each in sent:
        yield Finding("output", State.NOTE if each.trouble else State.OK, line(each))
    running = {(each.protocol, each.address, each.session) for each in sent}
    wanted = [o for o in outputs(config) if (o.protocol, o.address, o.target.session) not in running]
    for output in wanted:
        yield await _could_send(output)
    if not sent and not wanted:
        text = "none; --livelink and --vmc send to programs that speak these, `rigcast outputs` while the bridge runs"
        yield Finding("outputs", State.OK, text)


async def _could_send(output: "Output") -> Finding:
    """An output of the settings that no running bridge has."""
    try:
        heard = await output.heard()
    except OSError as error:
        return Finding("output", State.BROKEN, f"{output}: {error.strerror or error}", "correct its host")
    if heard is None:
        remedy = "use it in a network that you trust"
        return Finding("output", State.NOTE, f"{output}; it leaves this machine unencrypted", remedy)
    if heard:
        return Finding("output", State.OK, str(output))
    return Finding(
        "output", State.NOTE, f"{output}; nobody listens there", "start the receiver, or see which port it takes"
    )
