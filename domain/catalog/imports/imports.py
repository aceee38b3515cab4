"""Imports as far as the log knows them: that a file was given, and whether it was called off."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.catalog.imports.events import ImportAsked, ImportCancelled, ImportEvent
from domain.kernel.refusals import NotFound, RuleBroken


class ImportNotFound(NotFound):
    """There is no such import."""

    code = "catalog.import_not_found"


class ImportExists(RuleBroken):
    """An import with this id was asked for before."""

    code = "catalog.import_exists"


class Mode(StrEnum):
    """What rows may do: change what is there, add what is not, or both."""

    UPSERT = "upsert"
    CREATE = "create"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Import:
    """One import."""

    CATEGORY: ClassVar[str] = "import"
    FOLD_VERSION: ClassVar[int] = 1

    cancelled: bool

    @classmethod
    def evolve(cls, state: "Import | None", event: ImportEvent) -> "Import":  # noqa: ARG003 - all said anew
        return cls(isinstance(event, ImportCancelled))


def ask(known: Import | None, asked: ImportAsked) -> tuple[ImportAsked, ...]:
    """Let a file be read."""
    if known is not None:
        raise ImportExists("an import with this id was asked for before")
    return (asked,)


def cancel(known: Import | None, import_id: str) -> tuple[ImportCancelled, ...]:
    """Call an import off; a second time changes nothing."""
    if known is None:
        raise ImportNotFound("there is no such import")
    return () if known.cancelled else (ImportCancelled(import_id),)
