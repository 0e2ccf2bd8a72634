"""The process behind bridge/backstage.py: `python -m bridge.backstage_worker`.

To {"seed", "idle": number} it answers with a block of idle life, to a Speech (see speech/message.py) with a "seed" with
its Rehearsal, both as float32 beside an empty object. It ends when its input ends.
"""

from bridge import pipes
from bridge.backstage import packed_motion, packed_rehearsal
from bridge.body.idle import block
from bridge.clip import rehearse
from bridge.speech import message


def main() -> None:
    """Serves requests until the input ends."""
    pipes.work(lambda: ({}, _answer))


def _answer(request: pipes.Header, body: bytes) -> tuple[pipes.Header, bytes]:
    if "idle" in request:
        return {}, packed_motion(block(request["seed"], request["idle"]))
    return {}, packed_rehearsal(rehearse(message.speech(request, body), request["seed"]))


if __name__ == "__main__":
    main()
