"""OBS-06: what nobody asked for is a trace of its own, and a batch names all that sent for it."""

from collections.abc import Generator, Iterable, Sequence
from typing import Any
from uuid import uuid4

import pytest

from application.envelope import Actor, Envelope
from application.process import Process, Reaction, Send
from application.sending import LogUnavailable, Outcome
from application.tenants.tenants import CreateTenant
from domain.kernel.events import Recorded
from domain.wallet.events import HoldPlaced, WalletOpened
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer
from infrastructure.observability.telemetry.otlp import Otlp
from infrastructure.postgres.connections import connect
from infrastructure.processes.follower import Processes
from tests.http.conftest import MASTER_KEY
from tests.kit.lively.whole import lively
from tests.observability.stubs.collector import StubCollector, collecting
from tests.processes.following import SenderThatNotes, follow_to_the_end

pytestmark = pytest.mark.row("OBS-06")

NOBODY = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture
def collector() -> Generator[StubCollector]:
    with collecting() as stub:
        yield stub


@pytest.fixture
def otlp(collector: StubCollector) -> Generator[Otlp]:
    made = Otlp(collector.endpoint, "scheduler")
    yield made
    made.close()


def envelope() -> Envelope:
    tenant = uuid4()
    command = CreateTenant(str(tenant), "shop", "Shop", test=True)
    return Envelope(tenant, uuid4(), b"h" * 32, command, Actor("system"), "req_0001")


async def test_a_batch_is_linked_once_to_each_request_that_sent_for_it(
    database_url: str, collector: StubCollector, otlp: Otlp
) -> None:
    writer = Writer(database_url, MasterKeys(MASTER_KEY), tracer=otlp)
    await writer.start()
    asked = envelope()
    await writer.add_tenant(asked.tenant_id)
    request = otlp.serve(None)
    await writer.send_many([asked._replace(command_id=uuid4()) for _ in range(5)])
    request.end("POST /", {})
    await writer.send(asked)
    await writer.stop()
    otlp.close()
    its_own = collector.span(name="POST /")
    link = (its_own["trace_id"], its_own["span_id"])
    batches = [span for span in collector.spans if span["name"] == "batch"]
    of_request = [span for span in batches if span["links"]]
    assert {span["links"] for span in of_request} == {(link,)}
    assert sum(span["defter.commands"] for span in of_request) == 5
    assert sum(span["defter.commands"] for span in batches) == 6
    assert not any(span["failed"] for span in batches)


async def test_a_batch_that_came_to_nothing_is_a_failed_span(
    collector: StubCollector, otlp: Otlp
) -> None:
    writer = Writer(NOBODY, MasterKeys(MASTER_KEY), tracer=otlp)
    await writer.start()
    with pytest.raises(LogUnavailable):
        await writer.send(envelope())
    await writer.stop()
    otlp.close()
    assert collector.span(name="batch", failed=True)["error.type"] == "OperationalError"


class SenderThatLooks(SenderThatNotes):
    """Notes which span was under way when it was sent to."""

    def __init__(self, otlp: Otlp) -> None:
        super().__init__()
        self.otlp = otlp
        self.links: set[str] = set()

    async def send_many(self, envelopes: Sequence[Envelope]) -> list[Outcome | BaseException]:
        link = self.otlp.link()
        if envelopes and link is not None:
            self.links.add(f"{link.span_id:016x}")
        return await super().send_many(envelopes)


def _opens(recorded: Recorded) -> Iterable[Reaction]:
    return [Send(CreateTenant(str(uuid4()), recorded.stream, "Shop", test=True))]


def _breaks(_recorded: Recorded) -> Iterable[Reaction]:
    raise ZeroDivisionError


async def followed(database_url: str, processes: Processes) -> Any:  # noqa: ANN401 - what was parked
    log = lively()
    log.store(database_url)
    async with await connect(database_url) as connection:
        parked = await follow_to_the_end(connection, log.tenant_id, processes)
        await processes.advance(connection, log.tenant_id)
    return parked


async def test_a_step_that_did_something_is_a_span_that_its_commands_are_linked_to(
    database_url: str, collector: StubCollector, otlp: Otlp
) -> None:
    sender = SenderThatLooks(otlp)
    opening = Process("opening", {WalletOpened: _opens})
    await followed(database_url, Processes(sender, processes=(opening,), tracer=otlp))
    assert otlp.link() is None
    otlp.close()
    (step,) = [span for span in collector.spans if span["name"] == "process step"]
    assert (step["defter.answers"], step["failed"]) == (len(sender.sent), False)
    assert sender.links == {step["span_id"]}


async def test_a_step_that_parked_a_process_is_a_failed_span(
    database_url: str, collector: StubCollector, otlp: Otlp
) -> None:
    clumsy = Process("clumsy", {HoldPlaced: _breaks})
    processes = Processes(SenderThatNotes(), processes=(clumsy,), tracer=otlp)
    assert await followed(database_url, processes) == ("process.clumsy",)
    otlp.close()
    assert collector.span(name="process step", failed=True)["error.type"] == "process.clumsy"
