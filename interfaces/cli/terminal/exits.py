"""How a command ends: its exit codes, and the one line that says why."""

from enum import IntEnum


class Exit(IntEnum):
    """What the shell gets to know."""

    OK = 0
    FAILED = 1
    USAGE = 2
    DIFFERENCES = 3
    TAMPERING = 4
    SOURCE_INCOMPLETE = 5
    REFUSED = 6


class Stopped(Exception):
    """Ends the command with one line for people, and what to do next."""

    def __init__(self, message: str, *, code: Exit, then: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.then = then


class Refused(Stopped):
    """The service said no: `problem` is its stable public code (RFC 9457 problem)."""

    def __init__(self, problem: str, detail: str, *, status: int, then: str = "") -> None:
        super().__init__(f"{detail} ({problem})", code=Exit.REFUSED, then=then)
        self.problem = problem
        self.detail = detail
        self.status = status
