"""Hold a tenant's log to everything it promises. What it finds, it names; an empty list is good.

It reads the tables as a superuser and folds on its own, with the domain's `evolve` and nothing of
the writer.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

import msgspec
import psycopg

from application.aggregates import AGGREGATES
from domain.kernel.events import Claim, Event
from domain.wallet.wallet import BONUS, CASH, HELD, Wallet
from infrastructure.event_log.codec import UnknownEvent, decode


@dataclass(frozen=True)
class EventRow:
    position: int
    event_id: UUID
    stream: str
    version: int
    type: str
    schema: int
    data: bytes
    meta: bytes
    recorded_at: Any


@dataclass(frozen=True)
class CommandRow:
    command_id: UUID
    refused: bool
    outcome: bytes
    position: int


@dataclass(frozen=True)
class Acknowledged:
    """What a caller was told."""

    position: int
    refused: bool
    body: bytes


@dataclass
class Rows:
    """A tenant's tables."""

    events: list[EventRow]
    commands: list[CommandRow]
    claims: dict[Claim, str]
    snapshots: dict[str, tuple[int, bytes]]


@dataclass
class _Fold:
    problems: list[str] = field(default_factory=list[str])
    states: dict[str, tuple[int, Any]] = field(default_factory=dict[str, tuple[int, Any]])
    claims: dict[Claim, str] = field(default_factory=dict[Claim, str])
    sums: Counter[str] = field(default_factory=Counter[str])
    balances: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    snapshots: dict[str, Any] = field(default_factory=dict[str, Any])


def read_rows(database_url: str, tenant_id: UUID) -> Rows:
    """Read a tenant's tables as one who sees all."""
    with psycopg.connect(database_url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

        def ask(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query, (tenant_id,), binary=True).fetchall()  # type: ignore[arg-type]

        return Rows(
            events=[
                EventRow(*row)
                for row in ask(
                    "SELECT position, event_id, stream, version, type, schema, data, meta,"
                    " recorded_at FROM defter.events WHERE tenant_id = %s ORDER BY position"
                )
            ],
            commands=[
                CommandRow(*row)
                for row in ask(
                    "SELECT command_id, refused, outcome, position FROM defter.commands"
                    " WHERE tenant_id = %s"
                )
            ],
            claims={
                Claim(kind, key): owner
                for kind, key, owner in ask(
                    "SELECT kind, key, owner FROM defter.claims WHERE tenant_id = %s"
                )
            },
            snapshots={
                stream: (version, state)
                for stream, version, state in ask(
                    "SELECT stream, version, state FROM defter.snapshots WHERE tenant_id = %s"
                )
            },
        )


def problems_of(rows: Rows, acknowledged: Mapping[UUID, Acknowledged] | None = None) -> list[str]:
    """Name everything that is wrong with a log, and with what callers were told about it."""
    return [
        *_order(rows.events),
        *_folded(rows),
        *_commands(rows),
        *_told(rows.commands, acknowledged or {}),
    ]


def balances_of(rows: Rows) -> dict[str, int]:
    """Give what each wallet has available, as its own fold says."""
    fold = _fold(rows)
    return {
        state.wallet_id: state.available.minor
        for _, state in fold.states.values()
        if isinstance(state, Wallet)
    }


def _order(events: list[EventRow]) -> Iterable[str]:
    versions: Counter[str] = Counter()
    last = None
    for place, row in enumerate(events, start=1):
        if row.position != place:
            yield f"position {row.position} stands where {place} belongs"
        versions[row.stream] += 1
        if row.version != versions[row.stream]:
            yield f"{row.stream} has version {row.version}, not {versions[row.stream]}"
        if last is not None and row.recorded_at < last:
            yield f"position {row.position} was recorded before the one ahead of it"
        last = row.recorded_at
    for event_id, times in Counter(row.event_id for row in events).items():
        if times > 1:
            yield f"event {event_id} stands {times} times"


def _folded(rows: Rows) -> Iterable[str]:
    fold = _fold(rows)
    yield from fold.problems
    for currency, amount in fold.sums.items():
        if amount:
            yield f"the entries in {currency} sum to {amount}"
    for _, state in fold.states.values():
        if isinstance(state, Wallet):
            balances = (CASH, state.available), (HELD, state.held), (BONUS, state.bonus)
            for code, money in balances:
                booked = -fold.balances[f"{code}:{state.wallet_id}", money.currency]
                if booked != money.minor:
                    yield f"{state.wallet_id} has {money.minor} in {code}, its account {booked}"
    if fold.claims != rows.claims:
        odd = set(fold.claims.items()) ^ set(rows.claims.items())
        yield f"claims are not what the events say: {sorted(map(str, odd))}"
    for stream, (version, state) in rows.snapshots.items():
        if fold.snapshots.get(stream) != msgspec.json.decode(state):
            yield f"the snapshot of {stream} at {version} is not what its events fold to"


def _fold(rows: Rows) -> _Fold:
    fold = _Fold()
    for row in rows.events:
        try:
            _fold_one(fold, row, rows.snapshots.get(row.stream, (0, b""))[0])
        except (ValueError, AssertionError, UnknownEvent) as unreadable:
            fold.problems.append(f"position {row.position} can not be read: {unreadable}")
    return fold


def _fold_one(fold: _Fold, row: EventRow, kept_at: int) -> None:
    event = decode(row.type, row.schema, row.data)
    version, state = fold.states.get(row.stream, (0, None))
    state = AGGREGATES[row.stream.partition("-")[0]].evolve(state, event)
    fold.states[row.stream] = (version + 1, state)
    if kept_at == version + 1:
        fold.snapshots[row.stream] = msgspec.json.decode(msgspec.json.encode(state))
    if (
        isinstance(state, Wallet)
        and min(state.available.minor, state.held.minor, state.bonus.minor) < 0
    ):
        fold.problems.append(f"{state.wallet_id} is overdrawn at position {row.position}")
    _book(fold, row, event)


def _book(fold: _Fold, row: EventRow, event: Event) -> None:
    for claim in event.releases():
        fold.claims.pop(claim, None)
    for claim in event.takes():
        if claim in fold.claims:
            fold.problems.append(f"{claim} is taken twice, at position {row.position}")
        fold.claims[claim] = row.stream
    entry = getattr(event, "entry", None)
    for posting in entry.postings if entry else ():
        fold.sums[posting.amount.currency] += posting.amount.minor
        fold.balances[posting.account, posting.amount.currency] += posting.amount.minor


def _commands(rows: Rows) -> Iterable[str]:
    commands = {row.command_id: row for row in rows.commands}
    written: dict[UUID, list[EventRow]] = defaultdict(list)
    for row in rows.events:
        written[UUID(msgspec.json.decode(row.meta)["command_id"])].append(row)
    for command_id, events in written.items():
        command = commands.get(command_id)
        if command is None or command.refused:
            yield f"command {command_id} has events and no accepted outcome"
            continue
        if [row.event_id for row in events] != [
            uuid5(command_id, str(n)) for n in range(len(events))
        ]:
            yield f"command {command_id} has other event ids than its own"
        ends = command.position - len(events) + 1, command.position
        if (events[0].position, events[-1].position) != ends:
            yield f"command {command_id} ended at {command.position}, its events do not"


def _told(
    commands: Iterable[CommandRow], acknowledged: Mapping[UUID, Acknowledged]
) -> Iterable[str]:
    stored = {row.command_id: row for row in commands}
    for command_id, told in acknowledged.items():
        row = stored.get(command_id)
        if row is None:
            yield f"command {command_id} was acknowledged and is lost"
        elif (row.position, row.refused, row.outcome) != (told.position, told.refused, told.body):
            yield f"command {command_id} was acknowledged with another outcome than is stored"
