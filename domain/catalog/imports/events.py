"""Imports: files of products that staff let be read."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.events import Event


class ImportEvent(Event):
    """An event of one import's stream. How far it is stands outside the log."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "import"

    import_id: str

    @property
    def key(self) -> str:
        return self.import_id


@dataclass(frozen=True, slots=True)
class ImportAsked(ImportEvent):
    """A file is to be read; `sha256` is that of its bytes. A dry run records nothing of it."""

    NAME: ClassVar[str] = "catalog.import_asked"

    import_id: str
    sha256: str
    mode: str
    dry_run: bool
    create_missing: bool


@dataclass(frozen=True, slots=True)
class ImportCancelled(ImportEvent):
    """No further row of the file is to be carried out; those that were, stay."""

    NAME: ClassVar[str] = "catalog.import_cancelled"

    import_id: str
