"""OBS-02: groups are kept for operators, resolved, ignored, reopened, and told when they return."""

import asyncio
import io
import json

import psycopg
import pytest

from infrastructure.observability.alerts import Alerts
from infrastructure.observability.faults import groups
from infrastructure.observability.faults.keeping import FaultKeeper
from infrastructure.observability.faults.noticing import Fault, Faults
from infrastructure.observability.logs import LineWriter, configure_logging
from infrastructure.observability.metrics import Metrics
from infrastructure.postgres.connections import connect
from infrastructure.postgres.reads import Reads
from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit
from tests.observability.breaking import CANARY, in_a_moment, in_decoding

pytestmark = pytest.mark.row("OBS-02")

NOBODY = "postgresql://nobody@127.0.0.1:1/none"


class Reported:
    """A tracker that remembers."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.closed = False

    def post(self, fault: Fault) -> None:
        self.faults.append(fault)

    def close(self) -> None:
        self.closed = True


async def happens(database_url: str, *errors: Exception, role: str = "api") -> None:
    faults = Faults(role)
    for error in errors:
        faults.notice(error, {"event": "unexpected_error", "request_id": "req_1"})
    assert await FaultKeeper(database_url, faults).keep()


def rows(database_url: str, columns: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database_url) as admin:
        query = f"SELECT {columns} FROM defter.faults ORDER BY count DESC"  # noqa: S608 - a test's own
        return admin.execute(query.encode()).fetchall()


async def decided(database_url: str, state: str) -> str:
    """Say the same of every group, and give the first one's id."""
    async with await connect(database_url) as connection:
        found = await groups.listed(connection, states=["open", "resolved", "ignored"])
        await groups.change(connection, [one.fault_id for one in found], state=state)
    return found[0].fault_id


async def test_several_processes_count_the_same_group(database_url: str) -> None:
    await asyncio.gather(*(happens(database_url, *[in_a_moment()] * 3) for _ in range(8)))
    await happens(database_url, in_decoding())
    await happens(database_url, in_a_moment(), role="worker")
    found = rows(database_url, "count, role, state, kind, request_id")
    assert found[0] == (24, "api", "open", "ValueError", "req_1")
    assert [row[:2] for row in found[1:]] in (
        [(1, "api"), (1, "worker")],
        [(1, "worker"), (1, "api")],
    )
    with psycopg.connect(database_url) as admin:
        everything = admin.execute("SELECT faults::text FROM defter.faults").fetchall()
    assert CANARY not in repr(everything)


async def test_a_resolved_group_that_happens_again_is_open_and_an_ignored_one_is_not(
    database_url: str,
) -> None:
    await happens(database_url, in_a_moment())
    await decided(database_url, "resolved")
    assert rows(database_url, "state, reopened") == [("resolved", False)]
    await happens(database_url, in_a_moment())
    assert rows(database_url, "state, reopened, count") == [("open", True, 2)]
    await decided(database_url, "ignored")
    await happens(database_url, in_a_moment())
    assert rows(database_url, "state, reopened, count") == [("ignored", False, 3)]


async def test_what_happened_before_it_was_resolved_does_not_reopen_it(database_url: str) -> None:
    faults = Faults("api")
    await happens(database_url, in_a_moment())
    faults.notice(in_a_moment(), {"event": "x"})
    await decided(database_url, "resolved")
    assert await FaultKeeper(database_url, faults).keep()
    assert rows(database_url, "state, count") == [("resolved", 2)]


@pytest.mark.usefixtures("turn")
async def test_a_group_that_comes_back_raises_one_alert_until_somebody_decides(
    database_url: str, redis_url: str, reads: Reads
) -> None:
    stream = io.BytesIO()
    lines = LineWriter(stream)
    configure_logging(lines)
    watching = Alerts(reads, Metrics(), redis_url)
    await happens(database_url, in_a_moment())
    await watching.look()
    fault_id = await decided(database_url, "resolved")
    await happens(database_url, in_a_moment())
    for _ in range(3):
        await watching.look()
    await decided(database_url, "resolved")
    await watching.look()
    lines.flush()
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    alerts = [(one["state"], one["detail"]) for one in told if one.get("code") == "errors.reopened"]
    assert alerts == [("began", f"{fault_id} ValueError"), ("over", f"{fault_id} ValueError")]


async def test_a_database_that_is_away_is_warned_of_and_hides_nothing_from_the_tracker() -> None:
    stream = io.BytesIO()
    lines = LineWriter(stream)
    configure_logging(lines)
    faults, reported = Faults("api"), Reported()
    away = FaultKeeper(NOBODY, faults, reported)
    for _ in range(3):
        faults.notice(in_a_moment(), {"event": "x"})
        assert not await away.keep()
    assert [fault.count for fault in reported.faults] == [1, 1, 1]
    lines.flush()
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in told] == ["faults_not_kept"] * 3
    assert {line["level"] for line in told} == {"warning"}  # an error would be a fault again


async def test_what_waited_for_the_database_is_kept_once_it_is_there(database_url: str) -> None:
    faults, reported = Faults("api"), Reported()
    keeper = FaultKeeper(database_url, faults, reported)
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute("ALTER TABLE defter.faults RENAME TO away")
        faults.notice(in_a_moment(), {"event": "x"})
        assert not await keeper.keep()
        admin.execute("ALTER TABLE defter.away RENAME TO faults")
    faults.notice(in_a_moment(), {"event": "x"})
    assert await keeper.keep()
    assert rows(database_url, "count") == [(2,)]
    assert len(reported.faults) == 2


async def test_the_last_faults_of_a_process_are_kept(database_url: str) -> None:
    faults, reported = Faults("api"), Reported()
    running = asyncio.create_task(FaultKeeper(database_url, faults, reported).run())
    await asyncio.sleep(0)
    faults.notice(in_a_moment(), {"event": "x"})
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert rows(database_url, "count") == [(1,)]
    assert reported.closed


async def test_operators_list_show_and_decide(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await happens(database_url, in_a_moment(), in_a_moment(), in_decoding())

    async def says(*words: str, code: Exit = Exit.OK) -> str:
        given = ["errors", *words, "--database-url", database_url]
        ended = await asyncio.to_thread(main, given)
        told = capsys.readouterr()
        assert ended == code, told.err
        return told.out if code is Exit.OK else told.err

    found = {
        one["kind"].rpartition(".")[2]: one for one in json.loads(await says("list", "-o", "json"))
    }
    assert found["ValueError"]["count"] == 2
    assert found["UnknownEvent"]["count"] == 1
    mended = found["ValueError"]["id"]
    shown = await says("show", mended)
    assert "infrastructure/observability/log_search.py" in shown
    assert CANARY not in shown
    assert await says("resolve", mended) == ""
    assert len(json.loads(await says("list", "-o", "json"))) == 2
    assert await says("resolve", mended, "--apply") == "1 of 1 errors are resolved\n"
    left = json.loads(await says("list", "-o", "json"))
    assert [one["id"] for one in left] == [found["UnknownEvent"]["id"]]
    await says("ignore", left[0]["id"], "--apply")
    assert json.loads(await says("list", "-o", "json")) == []
    await says("reopen", mended, "--apply")
    every = json.loads(await says("list", "--all", "--role", "api", "-o", "json"))
    assert {one["id"]: one["state"] for one in every} == {mended: "open", left[0]["id"]: "ignored"}
    assert "there is no error nothing" in await says("show", "nothing", code=Exit.USAGE)
    assert "there is no error nothing" in await says(
        "ignore", "nothing", "--apply", code=Exit.USAGE
    )
