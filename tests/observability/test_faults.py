"""OBS-02: the same fault is one group, and a group holds no value that the fault met."""

import asyncio
import io
import json
from datetime import timedelta

import pytest
import structlog

from application.sending import CommandFailed
from infrastructure.effects.worker import take
from infrastructure.observability.faults.noticing import GROUPS_MAX, ROOT, Faults
from infrastructure.observability.log_search import moment
from infrastructure.observability.logs import LineWriter, configure_logging
from tests.observability.breaking import CANARY, broken_by, caught, in_a_moment, in_decoding

pytestmark = pytest.mark.row("OBS-02")


def test_the_same_fault_is_one_group_whatever_it_broke_over() -> None:
    faults = Faults("api")
    for n in range(50):
        faults.notice(in_a_moment(f"{CANARY}-{n}"), {"event": "x", "request_id": f"req_{n}"})
    (fault,) = faults.take()
    assert (fault.count, fault.request_id) == (50, "req_49")
    assert fault.first_seen < fault.last_seen
    assert faults.take() == []


def test_another_place_another_type_or_another_role_is_another_group() -> None:
    worker = Faults("worker")
    worker.notice(in_a_moment(), {"event": "x"})
    groups = [broken_by(in_a_moment()), broken_by(in_decoding()), *worker.take()]
    assert len({fault.fault_id for fault in groups}) == 3


def test_a_group_is_the_same_in_another_process_and_where_lines_have_moved() -> None:
    fault = broken_by(in_a_moment())
    assert fault.fault_id == broken_by(in_a_moment("1 hour")).fault_id
    assert fault.place == "infrastructure/observability/log_search.py moment"


def test_no_value_stands_in_a_group_or_in_its_example() -> None:
    for error in (in_a_moment(), in_decoding(), chained()):
        fault = broken_by(error, request_id="req_1", note=CANARY)
        assert CANARY not in repr(fault)
        assert CANARY not in fault.example()
        assert str(ROOT) not in fault.example()


def chained() -> Exception:
    def breaks() -> None:
        try:
            moment(CANARY, None)  # type: ignore[arg-type] - not reached
        except ValueError as cause:
            raise RuntimeError(f"wrong: {CANARY}") from cause

    return caught(breaks)


def test_an_example_shows_the_way_and_the_cause() -> None:
    example = broken_by(chained()).example().splitlines()
    assert example[0] == "RuntimeError"
    cause = example.index("caused by ValueError")
    assert any("log_search.py" in line and "in moment" in line for line in example[cause:])
    assert "    at = datetime.fromisoformat(text)" in example


def test_a_message_stays_where_it_is_a_constant_of_our_own() -> None:
    def from_elsewhere() -> None:
        raise ValueError("a constant of somebody else")

    assert broken_by(caught(take, [])).chain[0].message == "the worker has not begun"
    assert broken_by(caught(from_elsewhere)).chain[0].message is None
    assert broken_by(in_a_moment()).chain[0].message is None


async def test_of_a_group_of_tasks_the_first_fault_counts() -> None:
    async def breaks() -> None:
        moment(CANARY, None)  # type: ignore[arg-type] - not reached

    async def together() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(breaks())

    with pytest.raises(ExceptionGroup) as ended:
        await together()
    assert broken_by(ended.value).fault_id == broken_by(in_a_moment()).fault_id


def test_what_was_noticed_where_it_broke_is_not_noticed_again() -> None:
    faults = Faults("api")
    faults.notice(CommandFailed(), {"event": "unexpected_error"})
    assert faults.take() == []


def test_there_is_room_for_so_many_groups_and_the_rest_is_counted() -> None:
    faults, more = Faults("api"), 7
    for n in range(GROUPS_MAX + more):
        kind = type(f"Fault{n}", (Exception,), {})
        faults.notice(kind(), {"event": "x"})
    assert len(faults.take()) == GROUPS_MAX
    assert faults.dropped == more


def test_what_is_given_back_is_counted_with_what_came_since() -> None:
    faults = Faults("api")
    faults.notice(in_a_moment(), {"event": "x", "request_id": "req_1"})
    (first,) = faults.take()
    faults.notice(in_a_moment(), {"event": "x"})
    faults.give_back([first])
    (both,) = faults.take()
    assert (both.count, both.first_seen, both.request_id) == (2, first.first_seen, "req_1")
    assert both.last_seen - first.last_seen > timedelta(0)


def test_only_lines_of_level_error_with_an_exception_are_noticed() -> None:
    faults, stream = Faults("api"), io.BytesIO()
    lines = LineWriter(stream)
    configure_logging(lines, notice=faults.notice)
    log = structlog.get_logger("test")
    log.error("without")
    log.warning("harmless", exc_info=in_a_moment())
    log.error("grave", exc_info=in_a_moment(), correlation_id="req_7")
    (fault,) = faults.take()
    assert (fault.event, fault.request_id) == ("grave", "req_7")
    lines.flush()
    told = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    assert told == ["without", "harmless", "grave"]


def test_an_exception_that_can_not_be_looked_at_ends_nobody() -> None:
    class Hostile(Exception):
        @property
        def args(self) -> object:  # type: ignore[override] - as said
            raise RuntimeError

    def breaks() -> None:
        raise Hostile

    faults = Faults("api")
    faults.notice(caught(breaks), {"event": "x"})
    assert (faults.take(), faults.dropped) == ([], 1)
