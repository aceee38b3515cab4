"""AUD-01: that staff are shown personal data is itself a fact, and never says what it was."""

import pytest

from application.audit.reads import NoteAuditRead, NotePersonalDataRead
from domain.audit.events import AuditRead, PersonalDataRead
from domain.audit.reader import SUBJECTS_MAX, Reader
from domain.kernel.events import Event, Personal
from tests.kit.scenario import STAFF, acting_for, given

pytestmark = pytest.mark.row("AUD-01")

ROUTE = "GET /api/customers"


def read(*subjects: str) -> PersonalDataRead:
    return PersonalDataRead(STAFF.actor_id, subjects, ROUTE, "req_1")


@pytest.mark.parametrize("earlier", [(), (read("cus_ada"),)])
@pytest.mark.parametrize(
    ("subjects", "events"),
    [
        ((), ()),
        (("cus_ada",), (read("cus_ada"),)),
        (("cus_bora", "cus_ada"), (read("cus_ada", "cus_bora"),)),
    ],
)
def test_every_look_is_noted_whatever_was_looked_at_before(
    earlier: tuple[Event, ...], subjects: tuple[str, ...], events: tuple[Event, ...]
) -> None:
    command = NotePersonalDataRead(frozenset(subjects), ROUTE, "req_1")
    given(*earlier).when(command).then(*events)


def test_one_event_names_a_limited_number_of_persons() -> None:
    subjects = [f"cus_{n:04}" for n in range(SUBJECTS_MAX + 1)]
    answer = given().when(NotePersonalDataRead(frozenset(subjects), ROUTE, "req_1"))
    answer.then(read(*subjects[:SUBJECTS_MAX]), read(subjects[SUBJECTS_MAX]))


def test_the_reader_is_the_actor_whoever_they_act_for() -> None:
    answer = given().when(
        NotePersonalDataRead(frozenset({"cus_ada"}), ROUTE, "req_1"), actor=acting_for("cus_ada")
    )
    answer.then(read("cus_ada"))
    assert answer.state(f"reader-{STAFF.actor_id}") == Reader(STAFF.actor_id)


@pytest.mark.parametrize("earlier", [(), (read("cus_ada"),)])
def test_a_look_at_the_audit_is_noted_with_what_was_asked_sealed(
    earlier: tuple[Event, ...],
) -> None:
    asked = "/api/audit?actor=stf_ece"
    answer = given(*earlier).when(NoteAuditRead("GET /api/audit", asked, "req_1"))
    sealed = Personal(STAFF.actor_id, asked)
    answer.then(AuditRead(STAFF.actor_id, "GET /api/audit", sealed, "req_1"))
    assert answer.state(f"reader-{STAFF.actor_id}") == Reader(STAFF.actor_id)
