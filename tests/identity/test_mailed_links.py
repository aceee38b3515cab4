"""Which events lead to a link by e-mail (IAM-06, IAM-08)."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from application.process import Perform
from application.processes.mailed_links import MAILED_LINK, MAILED_LINKS
from domain.identity.events import LinkRequested, LoginChanged
from domain.kernel.events import Event, Recorded
from tests.identity.people import ADA, EMAIL, OPENED, VERIFIED, personal
from tests.kit.scenario import TENANT_ID

EVENT_ID = UUID("e0000000-0000-4000-8000-000000000001")
MOVED = LoginChanged(ADA, personal("new@ada.example"), "a2", "a1")
ASKED = LinkRequested(ADA, "reset", EMAIL.key)


@pytest.mark.parametrize("event", [OPENED, MOVED, ASKED])
def test_the_effect_names_nothing_but_the_event(event: Event) -> None:
    at = datetime(2026, 3, 5, tzinfo=UTC)
    recorded = Recorded(TENANT_ID, 7, EVENT_ID, f"account-{ADA}", 1, at, event, b"")
    assert list(MAILED_LINKS.reactions[type(event)](recorded)) == [Perform(MAILED_LINK)]


def test_what_is_proven_needs_no_link() -> None:
    assert type(VERIFIED) not in MAILED_LINKS.reactions
