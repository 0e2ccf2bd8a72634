"""What each command of the program does. Imported only when it is called, so that the others start fast."""


class CommandError(Exception):
    """A command could not do its work, for a reason that is no fault of the program; the message is for its user."""
