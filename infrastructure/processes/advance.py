"""One step of a tenant's processes: read the log once, react, send, file, move, commit."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from psycopg import Error

from application.envelope import Actor, Envelope
from application.process import Passing, Process, Reaction, Send
from application.sending import BulkSender, CommandFailed, IdempotencyKeyReused, NotDecided, Outcome
from domain.kernel.events import Event
from domain.kernel.ids import derived_uuid
from infrastructure.event_log.event_types import EVENT_TYPES
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.processes.filing import Filed, file
from infrastructure.processes.passing import Stretch, read_stream, read_stretch, recorded
from infrastructure.projections import checkpoints
from infrastructure.projections.engine import Step

SYSTEM = Actor("system")
"""Who asks where nobody does: processes and timers."""

SENT_AT_ONCE_MAX = 1_000
"""Far fewer than the writer lets wait."""

FROM_AN_EVENT = b"process".ljust(32, b"\0")
"""Stands for the hash of a request: the command id names the event, which says it all."""

_log = structlog.get_logger("processes")
_TYPES_OF = {
    category: [kind.NAME for kind in EVENT_TYPES.values() if category == kind.CATEGORY]
    for category in {kind.CATEGORY for kind in EVENT_TYPES.values()}
}


class NotSent(checkpoints.TryAgain):
    """A command was not decided; the step is taken again."""


def envelope_of(
    tenant_id: UUID, event_id: UUID, name: str, command: object, *, actor: Actor = SYSTEM
) -> Envelope:
    """Put a command on its way that an event led to; the same name is the same command."""
    command_id = UUID(bytes=derived_uuid(event_id, name))
    return Envelope(
        tenant_id, command_id, FROM_AN_EVENT, command, actor, f"evt_{event_id}", event_id
    )


@dataclass(slots=True)
class Lane:
    """One process in a step: where it stood, what it knows, and how it answered."""

    process: Process
    after: int
    state: Any = None
    attentive: bool = False
    """Whether it looks at everything that passes, from the beginning."""

    answers: list[Filed] = field(default_factory=list[Filed])
    error: Exception | None = None
    stopped_at: int | None = None
    """The position of the event that it can not answer."""

    def stop(self, position: int, error: Exception) -> None:
        """Stand still before an event, and forget what was answered from it on."""
        self.stopped_at, self.error = position, error
        self.answers = [filed for filed in self.answers if filed.position < position]


class Taken(NamedTuple):
    """A step, how many effects were filed for it, and how many answers it gave in all."""

    step: Step
    effects: int = 0
    answers: int = 0


States = dict[tuple[UUID, str], tuple[int, Any]]
"""What processes knew when they last committed, by tenant and process, with the position."""


async def advance(  # noqa: PLR0913 - whose, which, and what they reach
    connection: PipelinedConnection,
    tenant_id: UUID,
    processes: Collection[Process],
    *,
    sender: BulkSender,
    states: States,
    filling: bool = False,
) -> Taken:
    """Take a tenant's processes forward by one commit.

    An event that a process can not answer parks that process. Commands are sent before the commit:
    a step that is taken again sends them again, under the same ids. `filling` takes the processes
    that are far behind instead of the live ones, which do not wait for them.
    """
    lease = await checkpoints.lease(connection, tenant_id, processes, filling=filling)
    positions = lease.positions
    if not positions:
        return Taken(Step(None, more=False))
    lanes = [
        Lane(process, positions[process.key]) for process in processes if process.key in positions
    ]
    for lane in lanes:
        try:
            lane.state = await _known(connection, tenant_id, lane, states)
            lane.attentive = lane.process.relay is not None and lane.process.attentive(lane.state)
        except (Error, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - as in `_react`
            lane.stop(lane.after + 1, error)
    stretch = await _read(connection, tenant_id, lanes)
    for lane in lanes:
        _react(tenant_id, lane, stretch.events)
    await _send(tenant_id, lanes, sender)
    filed = [each for lane in lanes for each in lane.answers if not isinstance(each[2], Send)]
    effects = await file(connection, tenant_id, filed)
    parked = await _move(connection, tenant_id, lanes, stretch)
    await checkpoints.commit(connection)
    for lane in lanes:
        if lane.process.knows is not None and lane.stopped_at is None:
            states[tenant_id, lane.process.key] = max(lane.after, stretch.last), lane.state
    answers = sum(len(lane.answers) for lane in lanes)
    step = Step(stretch.last, more=stretch.more, parked=parked, idle=not answers)
    return Taken(step, effects, answers)


async def _known(
    connection: PipelinedConnection, tenant_id: UUID, lane: Lane, states: States
) -> Any:  # noqa: ANN401 - a state
    knows = lane.process.knows
    if knows is None:
        return None
    position, state = states.pop((tenant_id, lane.process.key), (-1, None))
    if position == lane.after:
        return state
    state = None
    for event in await read_stream(connection, tenant_id, knows.stream, until=lane.after):
        state = knows.kind.evolve(state, event)
    return state


async def _read(connection: PipelinedConnection, tenant_id: UUID, lanes: Sequence[Lane]) -> Stretch:
    wanted = {kind.NAME for lane in lanes for kind in lane.process.reactions}
    everything = False
    for lane in lanes:
        process = lane.process
        if process.knows is not None:
            wanted.update(_TYPES_OF[process.knows.kind.CATEGORY])
        # What it comes to know on the way may make it attentive; then the rest is read anew.
        everything = everything or lane.attentive
    after = min(lane.after for lane in lanes)
    stretch = await read_stretch(
        connection, tenant_id, after=after, wanted=wanted, everything=everything
    )
    return stretch if everything else _until_attentive(lanes, stretch)


def _until_attentive(lanes: Sequence[Lane], stretch: Stretch) -> Stretch:
    """End a stretch where a process begins to look at everything that passes."""
    for lane in lanes:
        knows, state = lane.process.knows, lane.state
        if lane.process.relay is None or knows is None:
            continue
        for n, (passing, event) in enumerate(stretch.events):
            if passing.position <= lane.after or passing.stream != knows.stream:
                continue
            try:
                state = knows.kind.evolve(state, event)
                attentive = lane.process.attentive(state)
            except Exception:  # noqa: BLE001 - it fails there again when it is to react, and parks
                break
            if attentive:
                stretch = Stretch(stretch.events[: n + 1], passing.position, more=True)
                break
    return stretch


def _react(tenant_id: UUID, lane: Lane, events: Iterable[tuple[Passing, Event | None]]) -> None:
    if lane.stopped_at is not None:
        return
    process, knows = lane.process, lane.process.knows
    stream = knows.stream if knows is not None else None
    for passing, event in events:
        if passing.position <= lane.after:
            continue
        try:
            answers: list[Reaction] = []
            if knows is not None and passing.stream == stream:
                lane.state = knows.kind.evolve(lane.state, event)
            reaction = process.reactions.get(type(event)) if event is not None else None
            if reaction is not None and event is not None:
                answers += reaction(recorded(tenant_id, passing, event))
            if process.relay is not None and process.attentive(lane.state):
                answers += process.relay(lane.state, passing)
        except Exception as error:  # noqa: BLE001 - whatever a process fails with
            lane.stop(passing.position, error)
            return
        lane.answers += [Filed(passing.position, passing.event_id, one) for one in answers]


async def _send(tenant_id: UUID, lanes: Iterable[Lane], sender: BulkSender) -> None:
    asked: list[tuple[Lane, Filed, Envelope]] = []
    for lane in lanes:
        sends: Counter[int] = Counter()
        for filed in lane.answers:
            if isinstance(filed.reaction, Send):
                name = f"{lane.process.key}/{sends[filed.position]}"
                sends[filed.position] += 1
                command = filed.reaction.command
                asked.append((lane, filed, envelope_of(tenant_id, filed.event_id, name, command)))
    outcomes = await _outcomes(sender, [envelope for _, _, envelope in asked])
    for (lane, filed, envelope), outcome in zip(asked, outcomes, strict=True):
        if lane.stopped_at is not None and filed.position >= lane.stopped_at:
            continue
        match outcome:
            case Outcome():
                _tell(lane.process, envelope, outcome)
            case CommandFailed() | IdempotencyKeyReused():
                lane.stop(filed.position, outcome)
            case NotDecided():
                raise NotSent(outcome.code) from outcome
            case _:
                raise outcome


async def _outcomes(
    sender: BulkSender, envelopes: Sequence[Envelope]
) -> list[Outcome | BaseException]:
    outcomes: list[Outcome | BaseException] = []
    for n in range(0, len(envelopes), SENT_AT_ONCE_MAX):
        try:
            outcomes += await sender.send_many(envelopes[n : n + SENT_AT_ONCE_MAX])
        except NotDecided as full:
            raise NotSent(full.code) from full
    return outcomes


def _tell(process: Process, envelope: Envelope, outcome: Outcome) -> None:
    if outcome.refused and not outcome.replayed:
        _log.info("command_refused", process=process.name, command=envelope.command.NAME)


async def _move(
    connection: PipelinedConnection,
    tenant_id: UUID,
    lanes: Sequence[Lane],
    stretch: Stretch,
) -> tuple[str, ...]:
    moved: Mapping[str, int] = {
        lane.process.key: lane.after
        for lane in lanes
        if lane.stopped_at is None and lane.after < stretch.last
    }
    if moved:
        await checkpoints.move(connection, tenant_id, moved, to=stretch.last)
    parked: list[str] = []
    for lane in lanes:
        if lane.stopped_at is None:
            continue
        key, at = lane.process.key, lane.stopped_at
        parked.append(key)
        if lane.after < at - 1:
            await checkpoints.move(connection, tenant_id, {key: lane.after}, to=at - 1)
        told = type(lane.error).__name__
        _log.error("reaction_failed", process=key, tenant_id=str(tenant_id), exc_info=lane.error)
        await checkpoints.park(connection, tenant_id, (key,), position=at, error=told)
    if stretch.stopped is not None:
        waiting = [
            lane.process.key
            for lane in lanes
            if lane.after <= stretch.last and lane.stopped_at is None
        ]
        told = type(stretch.stopped).__name__
        at = stretch.last + 1
        await checkpoints.park(connection, tenant_id, waiting, position=at, error=told)
        parked += waiting
    return tuple(parked)
