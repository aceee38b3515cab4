"""given(events).when(command).then(events), exactly, and as the writer would run it.

Every command runs twice: over a memory that has everything, and over one that has nothing and makes
the handler start again for each thing it lacks. Both must agree, which is what "restartable" means.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from application.book import Book, Memory, Missing
from application.commands import decide
from application.envelope import Actor, Envelope
from domain.kernel.events import Event
from domain.kernel.ids import sortable_id
from domain.kernel.refusals import Refusal
from tests.kit.memory import ForgetfulMemory, LogInMemory

NOW = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
TENANT_ID = UUID("7e000000-0000-4000-8000-000000000001")
COMMAND_ID = UUID("c0000000-0000-4000-8000-000000000001")
STAFF = Actor("stf_deniz", key_id="key_deniz")
LOOKS_MAX = 10_000


def acting_for(customer: str, *, staff: Actor = STAFF) -> Actor:
    """Be a staff member who acts for a customer, as `Defter-Act-For` says."""
    return staff._replace(on_behalf_of=customer)


def new_id(prefix: str, n: int = 1, *, at: datetime = NOW, command_id: UUID = COMMAND_ID) -> str:
    """Foretell the n-th id that a command makes."""
    return sortable_id(prefix, at, uuid5(command_id, f"id-{n}").bytes)


@dataclass(frozen=True)
class Decision:
    """What one run led to."""

    events: tuple[tuple[str, int, Event], ...] = ()
    result: object = None
    refusal: Refusal | None = None

    @property
    def told(self) -> object:
        """What two runs must agree on."""
        no = self.refusal
        return self.events, self.result, no and (type(no), no.code, no.detail, no.facts)


class Answer:
    """What a command led to, to be held against what the rule says."""

    def __init__(self, log: LogInMemory, decision: Decision, looks: int) -> None:
        self._log = log
        self.decision = decision
        self.looks = looks
        """How often the handler had to start again when nothing was in memory."""

    def then(self, *events: Event) -> "Answer":
        """The command recorded exactly these events, in this order."""
        assert self.decision.refusal is None, repr(self.decision.refusal)
        assert tuple(event for _, _, event in self.decision.events) == events
        return self

    def then_result(self, result: object) -> "Answer":
        """The command answered exactly this."""
        assert self.decision.refusal is None, repr(self.decision.refusal)
        assert self.decision.result == result
        return self

    def then_refused(self, kind: type[Refusal], /, **facts: str | int) -> "Answer":
        """The command was refused in this way, with exactly these facts."""
        refusal = self.decision.refusal
        assert refusal is not None, f"recorded {self.decision.events}"
        assert type(refusal) is kind, repr(refusal)
        assert refusal.facts == facts
        assert refusal.detail
        return self

    def state(self, stream: str) -> Any:  # noqa: ANN401 - each stream has its own
        """Give the state of a stream after the command."""
        return self._after().state(stream)[1]

    def when(self, command: object, **circumstances: Any) -> "Answer":  # noqa: ANN401 - as `Story`
        """Go on with another command, after what this one recorded."""
        return Story(self._after()).when(command, **circumstances)

    def _after(self) -> LogInMemory:
        assert self.decision.refusal is None, repr(self.decision.refusal)
        return LogInMemory([*self._log.events, *(event for _, _, event in self.decision.events)])


class Story:
    """What has happened so far."""

    def __init__(self, log: LogInMemory) -> None:
        self._log = log

    def when(
        self,
        command: object,
        *,
        actor: Actor = STAFF,
        at: datetime = NOW,
        command_id: UUID = COMMAND_ID,
        tenant_id: UUID = TENANT_ID,
        expects: Mapping[str, int] | None = None,
    ) -> Answer:
        """Decide a command."""
        envelope = Envelope(
            tenant_id, command_id, b"", command, actor, "test", expects=expects or {}
        )
        decision = _decide(envelope, self._log, at)
        assert decision is not None, "a full memory lacks nothing"
        forgetful, looks = ForgetfulMemory(self._log), 0
        while (again := _decide(envelope, forgetful, at)) is None:
            forgetful.fetch()
            looks += 1
            assert looks <= LOOKS_MAX, "the handler never has enough"
        assert again.told == decision.told, "a handler that starts again must decide the same"
        return Answer(self._log, decision, looks)


def given(*events: Event) -> Story:
    """Begin with what has happened."""
    return Story(LogInMemory(events))


def _decide(envelope: Envelope, memory: Memory, at: datetime) -> Decision | None:
    try:
        book = Book(memory, envelope, at)
        result = decide(envelope.command, book)
    except Missing:
        return None
    except Refusal as refusal:
        return Decision(refusal=refusal)
    book.close()
    return Decision(tuple(book.events), result)
