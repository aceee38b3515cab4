"""What persons chose for themselves, a row for each thing."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, Text, bindparam, select

from domain.kernel.events import Recorded
from domain.users.events import (
    LanguageChosen,
    NotificationsChosen,
    PrivacyChosen,
    ThemeChosen,
)
from projections.query import Connection, Query
from projections.read_model import Operation, ReadModel, ReadTable, Upsert

LANGUAGE, THEME, NOTIFICATIONS, PRIVACY = "language", "theme", "notifications", "privacy"
ALLOWED = "allowed"

SETTINGS = ReadTable(
    "users_settings_v1",
    Column("person_id", Text(collation="C"), primary_key=True),
    Column("part", Text(collation="C"), primary_key=True),
    Column("name", Text(collation="C"), primary_key=True),
    Column("value", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    latest=("value", "version"),
)
"""`value` is a word, or several with blanks between."""


def _chosen(recorded: Recorded, part: str, name: str, value: str) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Upsert(SETTINGS, (event.person_id, part, name, value, recorded.version)),)


def _language(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return _chosen(recorded, LANGUAGE, "", event.language)


def _theme(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return _chosen(recorded, THEME, "", event.theme)


def _notifications(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return _chosen(recorded, NOTIFICATIONS, event.kind, " ".join(event.channels))


def _privacy(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return _chosen(recorded, PRIVACY, event.use, ALLOWED if event.allowed else "")


USERS_SETTINGS = ReadModel(
    "users_settings",
    1,
    (SETTINGS,),
    {
        LanguageChosen: _language,
        ThemeChosen: _theme,
        NotificationsChosen: _notifications,
        PrivacyChosen: _privacy,
    },
)

_OF_PERSON = Query(
    select(SETTINGS.table).where(
        SETTINGS.table.c.tenant_id == bindparam("tenant_id"),
        SETTINGS.table.c.person_id == bindparam("person_id"),
    )
)


async def settings_of(
    connection: Connection, tenant_id: object, person_id: str
) -> list[dict[str, Any]]:
    """Give all that a person chose, in no order."""
    return await _OF_PERSON.all(connection, tenant_id=tenant_id, person_id=person_id)
