"""The port of Audio2Face-3D clients."""

from collections.abc import AsyncIterator

from bridge.config import Config, authority, reachable
from bridge.doctor.finding import Finding, State
from bridge.doctor.running import TIMEOUT_S, occupied

A2F_PORT = 52000
ANOTHER_PORT = "end that program, or choose another port with --a2f N"


async def check(config: Config) -> AsyncIterator[Finding]:
    """The port of Audio2Face-3D clients: who has it, and whether it serves them."""
    port = config.a2f if config.a2f > 0 else A2F_PORT
    where = authority(config.host, port)
    taken = occupied(config.host, port)
    if isinstance(taken, str):
        yield Finding("Audio2Face", State.BROKEN, f"{where}: {taken}", "choose another host")
    elif taken:
        yield await _serves_clips(config, port)
    elif config.a2f < 0:
        yield Finding("Audio2Face", State.OK, f"off, and {where} is free; --a2f serves its clients there")
    else:
        yield Finding("Audio2Face", State.NOTE, f"{where} is free: no bridge serves it now", "rigcast serve --a2f")


async def _serves_clips(config: Config, port: int) -> Finding:
    """Who has the port."""
    import grpc

    from bridge.a2f.probe import probe
    from bridge.commands.remote import channel, credentials

    where, wanted = authority(config.host, port), config.a2f >= 0
    async with channel(config, authority(reachable(config.host), port)) as line:
        try:
            ours, healthy = await probe(line, credentials(config.token), TIMEOUT_S)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNAUTHENTICATED:
                text = f"{where} is served, but with another token"
                return Finding("Audio2Face", State.BROKEN, text, "set RIGCAST_TOKEN to its")
            state = State.BROKEN if wanted else State.NOTE
            return Finding("Audio2Face", state, f"{where} is taken by another program", ANOTHER_PORT)
    name = "the running bridge" if ours else "another Audio2Face service"
    if not healthy:
        return Finding("Audio2Face", State.BROKEN, f"{where} is {name}, which cannot hear now", "see what its log says")
    if wanted and not ours:
        return Finding("Audio2Face", State.BROKEN, f"{where} is {name}", ANOTHER_PORT)
    return Finding("Audio2Face", State.OK, f"{where} is {name}, healthy")
