"""Whoever becomes known, or is reached in another way, is found by the new words (USR-04)."""

from collections.abc import Iterable
from typing import Any

from application.process import Perform, Process, Reaction
from domain.kernel.events import Recorded
from domain.users.events import ContactChanged, CustomerRegistered

INDEX_PERSON = "users.index_person"


def _reached(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    yield Perform(INDEX_PERSON, event.customer_id)


PERSON_INDEX = Process("person_index", {CustomerRegistered: _reached, ContactChanged: _reached})
"""The event names the person alone: what is indexed is read when it is done, and is the latest."""
