"""Choose one's own settings."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from domain.users import settings
from domain.users.settings import Choices, Settings


@dataclass(frozen=True, slots=True)
class ChooseSettings:
    """Choose some of a person's settings; what is left away stays as it is."""

    NAME: ClassVar[str] = "users.choose_settings"

    person_id: str
    choices: Choices


@dataclass(frozen=True, slots=True)
class SettingsResult:
    """Whose settings they are, and how many of them changed."""

    person_id: str
    changed: int


def choose_settings(command: ChooseSettings, book: Book) -> SettingsResult:
    """Choose; the edge has made sure that they are the caller's own."""
    person_id = command.person_id
    chosen = settings.choose(book.find(Settings, person_id), command.choices, person_id=person_id)
    book.record(*chosen)
    return SettingsResult(person_id, len(chosen))
