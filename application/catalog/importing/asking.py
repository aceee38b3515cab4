"""Let files of products be read, and call that off."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from domain.catalog.imports import imports
from domain.catalog.imports.events import ImportAsked
from domain.catalog.imports.imports import Import, Mode


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The import."""

    import_id: str


@dataclass(frozen=True, slots=True)
class AskImport:
    """Let a file of products be read, row by row; a dry run says what each row would do.

    Rows that name a category or brand that is not there are refused, unless it may be created.
    """

    NAME: ClassVar[str] = "catalog.ask_import"

    import_id: str
    sha256: str
    mode: Mode
    dry_run: bool
    create_missing: bool


def ask_import(command: AskImport, book: Book) -> ImportResult:
    """Note that the file is to be read; a job reads it."""
    asked = ImportAsked(
        command.import_id,
        command.sha256,
        command.mode.value,
        command.dry_run,
        command.create_missing,
    )
    book.record(*imports.ask(book.find(Import, command.import_id), asked))
    return ImportResult(command.import_id)


@dataclass(frozen=True, slots=True)
class CancelImport:
    """Carry out no further row of a file; what was carried out stays."""

    NAME: ClassVar[str] = "catalog.cancel_import"

    import_id: str


def cancel_import(command: CancelImport, book: Book) -> ImportResult:
    """Call an import off."""
    book.record(*imports.cancel(book.find(Import, command.import_id), command.import_id))
    return ImportResult(command.import_id)
