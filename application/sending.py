"""Send a command, and what comes back. The writer of the event log is the one that answers."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from application.envelope import Envelope


class Outcome(NamedTuple):
    """What a command led to.

    `body` is JSON: the handler's result, or for a refusal `{"kind", "code", "detail", "facts"}`.
    `position` is the log's end when it was decided; `replayed` says that it was decided earlier.
    """

    position: int
    refused: bool
    body: bytes
    replayed: bool = False


class NotDecided(Exception):
    """The command was not decided; the same one may be sent again."""

    code = "service.not_decided"
    retry_after_seconds = 1


class Overloaded(NotDecided):
    """The queue is full."""

    code = "service.overloaded"


class LogUnavailable(NotDecided):
    """The event log can not be written at present."""

    code = "service.log_unavailable"


class ReleaseTooOld(NotDecided):
    """The tenant's log holds events that this release does not know."""

    code = "service.release_too_old"
    retry_after_seconds = 30


class OutcomeUnknown(NotDecided):
    """The COMMIT was sent and its answer lost; sending the same command again tells."""

    code = "service.outcome_unknown"


class IdempotencyKeyReused(Exception):
    """The idempotency key was used for another request."""

    code = "request.idempotency_key_reused"


class RightsChanged(Exception):
    """The caller's rights are others than those the command was let in with; nothing was decided.

    Whoever let it in looks how the caller stands now, and may send it again.
    """


class CommandFailed(Exception):
    """A bug: the command alone fails whatever is tried. Nothing of it was written."""

    code = "service.internal_error"


class Sender(Protocol):
    """Whoever takes commands to the log."""

    async def send(self, envelope: Envelope) -> Outcome:
        """Decide and write one command; raises `NotDecided` and the errors above.

        Only `RightsChanged` asks for the same command to be sent anew, by who looked at the caller.
        """
        ...


class BulkSender(Protocol):
    """Whoever takes many commands to the log at once."""

    async def send_many(self, envelopes: Sequence[Envelope]) -> list[Outcome | BaseException]:
        """Send commands that stand alone; what one alone would raise stands in its place.

        Raises `Overloaded` where there is room for none of them.
        """
        ...
