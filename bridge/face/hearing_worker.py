"""The process behind bridge/face/hearing_process.py: `python -m bridge.face.hearing_worker`.

To {"memory", "model", "sizes", "streams", "frames"} it works out the round of so many that lies in this memory, an open
file that it was given, and answers with {"seconds", "trouble"}, see `rounds.Done`; the rest is in the memory then.
It ends when its input ends.
"""

import mmap

from bridge import pipes
from bridge.face.batch import LIMIT
from bridge.face.model import ModelError, load
from bridge.face.rounds import FRAMES, Round, Runner


def main() -> None:
    """Serves requests until the input ends. It gives way to nobody: what it makes is due now."""
    pipes.work(lambda: ({}, _Hearing().answer), gives_way=False)


class _Hearing:
    """The model and the memory of the first request, which all that follow share."""

    def __init__(self) -> None:
        self._runner: Runner | None = None
        self._round: Round | None = None

    def answer(self, request: pipes.Header, _: bytes) -> tuple[pipes.Header, bytes]:
        if self._runner is None or self._round is None:
            try:
                model = load(request["model"], "cpu")
            except ModelError as error:
                return {"error": str(error)}, b""
            if list(model.sizes) != request["sizes"]:
                return {"error": f"{request['model']} is another model than it was"}, b""
            self._runner = Runner(model)
            memory = mmap.mmap(request["memory"], Round.size(model, LIMIT, FRAMES))
            self._round = Round.of(model, LIMIT, FRAMES, memory)
        done = self._runner.run(self._round.part(request["streams"], request["frames"]))
        return {"seconds": done.seconds, "trouble": done.trouble}, b""


if __name__ == "__main__":
    main()
