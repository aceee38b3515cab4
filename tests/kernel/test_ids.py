from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.ids import (
    ID_LENGTH_MAX,
    ID_PATTERN,
    derived_together,
    derived_uuid,
    sortable_id,
)

AT = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds the zone


def test_an_id_is_the_same_for_the_same_seed() -> None:
    seed = UUID("7e000000-0000-4000-8000-000000000001")
    assert sortable_id("wal", AT, seed.bytes) == sortable_id("wal", AT, seed.bytes)
    assert sortable_id("wal", AT, seed.bytes) == "wal_01kjyna9e08008000000000001"


@given(MOMENTS, st.uuids())
def test_an_id_is_one_that_a_client_could_have_supplied(at: datetime, seed: UUID) -> None:
    made = sortable_id("hld", at, seed.bytes)
    assert ID_PATTERN.fullmatch(made)
    assert len(made) == len("hld_") + 26
    assert len(made) <= ID_LENGTH_MAX


@given(MOMENTS, st.uuids(), st.uuids(), st.integers(1, 10**9))
def test_ids_sort_by_the_moment_they_were_made(
    at: datetime, first: UUID, second: UUID, later_by: int
) -> None:
    later = at + timedelta(milliseconds=later_by)
    assert sortable_id("wal", at, first.bytes) < sortable_id("wal", later, second.bytes)


@given(st.uuids(), st.uuids())
def test_different_seeds_make_different_ids(first: UUID, second: UUID) -> None:
    low = (1 << 80) - 1
    same = first.int & low == second.int & low
    assert (sortable_id("wal", AT, first.bytes) == sortable_id("wal", AT, second.bytes)) == same


@given(st.uuids(), st.text())
def test_a_derived_uuid_is_the_librarys_uuid5(namespace: UUID, name: str) -> None:
    assert derived_uuid(namespace, name) == uuid5(namespace, name).bytes


@given(st.lists(st.tuples(st.uuids(), st.text())))
def test_uuids_derived_together_are_those_derived_one_by_one(
    given: list[tuple[UUID, str]],
) -> None:
    names = [namespace.bytes + name.encode() for namespace, name in given]
    assert derived_together(names) == b"".join(derived_uuid(*one) for one in given)
