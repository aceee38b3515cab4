"""Faults as they happen: code that breaks over values that no operator may see."""

from collections.abc import Callable

from infrastructure.event_log import codec
from infrastructure.observability.faults.noticing import Fault, Faults
from infrastructure.observability.log_search import moment

CANARY = "TR330006100519786457841326"


def broken_by(error: Exception, **line: str) -> Fault:
    """Give the group that one exception becomes."""
    faults = Faults("api")
    faults.notice(error, {"event": "unexpected_error", **line})
    (fault,) = faults.take()
    return fault


def caught(breaks: Callable[..., object], *values: object) -> Exception:
    try:
        breaks(*values)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the example
        return error
    raise AssertionError("it did not break")


def in_a_moment(text: str = CANARY) -> Exception:
    """Break in our own code, over a personal value that the message quotes."""
    return caught(moment, text, None)


def in_decoding() -> Exception:
    return caught(codec.decode, f"test.{CANARY}", 1, b"{}")
