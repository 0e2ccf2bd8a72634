"""What each kind of client may do: one table, from what is asked to the least role that may ask it."""

from enum import IntEnum


class Role(IntEnum):
    """What a token is for; each may do all that those before it may."""

    WATCH = 1
    PERFORM = 2
    ADMIN = 3

    def __str__(self) -> str:
        return self.name.lower()


NEEDED: dict[str, Role] = {
    # Bodies of ClientMessage
    "join": Role.WATCH,
    "ping": Role.WATCH,
    "say": Role.PERFORM,
    "interrupt": Role.PERFORM,
    "set_emotion": Role.PERFORM,
    "look_at": Role.PERFORM,
    "start_audio": Role.PERFORM,
    "push_audio": Role.PERFORM,
    "end_audio": Role.PERFORM,
    "set_outputs": Role.PERFORM,
    # Calls of RigcastService; what is sent in Perform is held to the rows above
    "Perform": Role.WATCH,
    "Watch": Role.WATCH,
    "Describe": Role.WATCH,
    "ListVoices": Role.WATCH,
    "ListInputs": Role.PERFORM,
    "grpc.reflection.v1alpha.ServerReflection": Role.WATCH,
    "Say": Role.PERFORM,
    "Interrupt": Role.PERFORM,
    "Calibrate": Role.PERFORM,
    "ListOutputs": Role.PERFORM,
    "SetOutputs": Role.PERFORM,
    # Paths of the page's port; the page's own files need no token
    "/rigcast": Role.WATCH,
    "/avatar.vrm": Role.WATCH,
    "/metrics": Role.ADMIN,
}


def needed(what: str) -> Role:
    """The least role that may ask for it; what the table does not name is not for those who only watch."""
    return NEEDED.get(what, Role.PERFORM)


def role(name: str) -> Role:
    """The role of that name. Raises ValueError for any other."""
    try:
        return Role[name.upper()]
    except KeyError:
        raise ValueError(f"{name!r} is no role; there are {', '.join(map(str, Role))}") from None
