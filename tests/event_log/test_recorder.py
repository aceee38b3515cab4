"""The library's own published recorder cases, run on a tenant's log, and what they leave open."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from typing import Any, ClassVar
from uuid import uuid4

import psycopg
import pytest
from eventsourcing import persistence
from eventsourcing.persistence import StoredEvent

from infrastructure.event_log.recorder import TenantRecorder
from tests.kit.published_cases import cases


class OnATenantsLog:
    """Gives the library's cases a log each; their aggregates count from 0, their ids are text."""

    database: ClassVar[str]
    INITIAL_VERSION = 1

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _database(cls, module_database_url: str) -> None:
        cls.database = module_database_url

    def new_originator_id(self) -> str:
        return f"test-{uuid4()}"

    def create_recorder(self) -> TenantRecorder:
        recorder = TenantRecorder(self.database, uuid4(), first_version=0)
        self.addCleanup(recorder.close)  # type: ignore[attr-defined]
        return recorder


class StreamsOfATenant(TenantRecorder):
    """The half of the contract that knows streams and no log, hence no notification ids."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:  # noqa: ANN401 - the library's
        super().insert_events(stored_events, **kwargs)


class TestStreams(OnATenantsLog, cases.AggregateRecorderTestCase):
    def create_recorder(self) -> StreamsOfATenant:
        recorder = StreamsOfATenant(self.database, uuid4(), first_version=0)
        self.addCleanup(recorder.close)
        return recorder


class TestLog(OnATenantsLog, cases.ApplicationRecorderTestCase[TenantRecorder]):
    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNotificationIdsOfARace(OnATenantsLog, cases.NonInterleavingNotificationIDsBaseCase):
    pass


@pytest.fixture
def recorder(module_database_url: str) -> Iterator[TenantRecorder]:
    with closing(TenantRecorder(module_database_url, uuid4())) as made:
        yield made


def stored(version: int, stream: str = "test-1", topic: str = "test.done") -> StoredEvent:
    return StoredEvent(stream, version, topic, b'{"n":1}')


def test_a_log_of_defter_keeps_its_own_versions(recorder: TenantRecorder) -> None:
    assert recorder.insert_events([stored(1), stored(2)]) == [1, 2]
    assert [event.originator_version for event in recorder.select_events("test-1")] == [1, 2]
    with pytest.raises(persistence.IntegrityError):
        recorder.insert_events([stored(0)])


def test_a_conflict_leaves_no_gap(recorder: TenantRecorder) -> None:
    recorder.insert_events([stored(1)])
    with pytest.raises(persistence.IntegrityError):
        recorder.insert_events([stored(2), stored(1)])
    assert recorder.insert_events([stored(2)]) == [2]


def test_nothing_is_no_event(recorder: TenantRecorder) -> None:
    assert recorder.insert_events([]) == []
    assert recorder.max_notification_id() is None


def test_tenants_never_see_one_another(module_database_url: str) -> None:
    with ExitStack() as closed:
        one, other = (
            closed.enter_context(closing(TenantRecorder(module_database_url, uuid4())))
            for _ in range(2)
        )
        one.insert_events([stored(1)])
        assert other.insert_events([stored(1), stored(2)]) == [1, 2]
        assert (one.max_notification_id(), other.max_notification_id()) == (1, 2)
        assert len(one.select_events("test-1")) == 1


def test_a_subscription_with_topics_reads_past_the_others(recorder: TenantRecorder) -> None:
    others = [stored(n) for n in range(1, 1_201)]
    recorder.insert_events([*others, stored(1, "test-2", "test.wanted")])
    with recorder.subscribe(topics=["test.wanted"]) as subscription:
        assert next(subscription).id == 1_201


def test_a_subscription_stops_at_a_gap(module_database_url: str) -> None:
    tenant = uuid4()
    with psycopg.connect(module_database_url) as admin:
        for position in (1, 3):
            admin.execute(
                "INSERT INTO defter.events VALUES"
                " (%s, %s, %s, 'test-0', %s, 't', 1, '{}', '{}', now())",
                (tenant, position, uuid4(), position),
            )
    with (
        closing(TenantRecorder(module_database_url, tenant)) as recorder,
        recorder.subscribe() as subscription,
        pytest.raises(persistence.InternalError, match="gap after 1"),
    ):
        next(subscription)


def test_time_never_runs_backwards_in_a_log(module_database_url: str) -> None:
    tenant = uuid4()
    with (
        closing(TenantRecorder(module_database_url, tenant)) as recorder,
        psycopg.connect(module_database_url, autocommit=True) as admin,
    ):
        admin.execute(
            "INSERT INTO defter.events VALUES"
            " (%s, 1, %s, 'test-0', 1, 't', 1, '{}', '{}', now() + interval '1 hour')",
            (tenant, uuid4()),
        )
        recorder.insert_events([stored(1)])
        times = admin.execute(
            "SELECT recorded_at FROM defter.events WHERE tenant_id = %s ORDER BY position",
            (tenant,),
        ).fetchall()
    assert times[0] == times[1]


def test_a_database_that_is_away_is_an_operational_error(module_database_url: str) -> None:
    with closing(TenantRecorder(module_database_url, uuid4())) as recorder:
        recorder.insert_events([stored(1)])
        with psycopg.connect(module_database_url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with pytest.raises(persistence.OperationalError):
            recorder.max_notification_id()
