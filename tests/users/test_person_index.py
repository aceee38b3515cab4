"""USR-04: whoever becomes known, or is reached in another way, is indexed anew."""

from uuid import UUID

import pytest

from application.process import Perform
from application.processes.person_index import INDEX_PERSON, PERSON_INDEX
from domain.kernel.events import Recorded
from domain.users.events import ContactChanged, CustomerEvent, CustomerRegistered
from tests.kit.scenario import NOW, TENANT_ID

pytestmark = pytest.mark.row("USR-04")


@pytest.mark.parametrize(
    "event",
    [
        CustomerRegistered("cus_ada1", None, None, None, "tr"),
        ContactChanged("cus_ada1", None, None, None, None, "tr"),
    ],
)
def test_a_contact_is_answered_with_one_indexing_of_its_person(event: CustomerEvent) -> None:
    recorded = Recorded(TENANT_ID, 7, UUID(int=7), "customer-cus_ada1", 1, NOW, event, b"")
    assert list(PERSON_INDEX.reactions[type(event)](recorded)) == [
        Perform(INDEX_PERSON, "cus_ada1")
    ]
