"""A worker for tests: greets, answers with its process and how many requests it saw, and dies when told to."""

import os
import sys

from bridge import pipes


def main() -> None:
    send({"greeting": True})
    count = 0
    while start := sys.stdin.buffer.read(pipes.LENGTHS.size):
        header, body = pipes.lengths(start)
        request = pipes.parse(sys.stdin.buffer.read(header))
        sys.stdin.buffer.read(body)
        count += 1
        if request.get("die"):
            os._exit(3)
        if request.get("garbage"):
            sys.stdout.buffer.write(b"\xff" * 100)
            sys.stdout.buffer.flush()
        settings = [name for name in os.environ if name.startswith("RIGCAST_")]
        told = {"pid": os.getpid(), "count": count, "body": body, "settings": settings}
        send({"error": "no"} if request.get("refuse") else told)


def send(header: pipes.Header) -> None:
    sys.stdout.buffer.write(pipes.pack(header))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
