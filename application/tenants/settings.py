"""Change a group of a tenant's settings. They stand in the platform's log, beside the tenant."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.tenants.tenants import known
from domain.tenants import settings
from domain.tenants.events import settings_key
from domain.tenants.settings import Group, Settings


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """Set all values of a group of settings, from the next look on."""

    NAME: ClassVar[str] = "tenants.change_settings"

    tenant: str
    group: Group


@dataclass(frozen=True, slots=True)
class SettingsResult:
    """How often the group has been changed: its ETag."""

    version: int


def change_settings(command: ChangeSettings, book: Book) -> SettingsResult:
    """Change a group of a tenant that exists."""
    tenant = known(book, command.tenant).tenant
    key = settings_key(tenant, command.group.GROUP)
    book.record(*settings.change(book.find(Settings, key), command.group, tenant=tenant))
    changed = book.find(Settings, key)
    return SettingsResult(0 if changed is None else changed.version)
