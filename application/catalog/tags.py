"""NFC tags: bind them to what is sold, take their readings, unbind them."""

from dataclasses import dataclass, field
from typing import ClassVar

from application.book import Book
from application.catalog.finding import product_of
from domain.catalog.tags import tags
from domain.catalog.tags.events import TagRead
from domain.catalog.tags.tags import Kind, Proof, Tag
from domain.kernel.events import Personal


@dataclass(frozen=True, slots=True)
class TagResult:
    """The tag."""

    uid: str


@dataclass(frozen=True, slots=True)
class BindTag:
    """Let a tag stand for a variant, or with a `serial` for one unit or package of it."""

    NAME: ClassVar[str] = "catalog.bind_tag"

    uid: str
    variant_id: str
    kind: Kind = Kind.VARIANT
    serial: str | None = None
    secret: str | None = field(default=None, repr=False)


def bind_tag(command: BindTag, book: Book) -> TagResult:
    """Bind a tag; its key is sealed with a key of the tag alone."""
    uid, secret = command.uid, command.secret
    product_of(book, command.variant_id)
    book.record(
        *tags.bind(
            book.find(Tag, uid),
            uid,
            kind=command.kind,
            variant_id=command.variant_id,
            serial=command.serial,
            secret=None if secret is None else Personal(f"nfc_{uid}", secret),
        )
    )
    return TagResult(uid)


@dataclass(frozen=True, slots=True)
class ReadTag:
    """Take the counter of a reading whose proof was right; whoever sends this has checked it."""

    NAME: ClassVar[str] = "catalog.read_tag"

    uid: str
    counter: int


@dataclass(frozen=True, slots=True)
class ReadingResult:
    """What the reading is worth: verified, or replayed."""

    uid: str
    proof: Proof


def read_tag(command: ReadTag, book: Book) -> ReadingResult:
    """Take a reading."""
    events = tags.read(book.find(Tag, command.uid), command.uid, command.counter)
    book.record(*events)
    verified = any(isinstance(event, TagRead) for event in events)
    return ReadingResult(command.uid, Proof.VERIFIED if verified else Proof.REPLAYED)


@dataclass(frozen=True, slots=True)
class UnbindTag:
    """Let a tag stand for nothing any more."""

    NAME: ClassVar[str] = "catalog.unbind_tag"

    uid: str


def unbind_tag(command: UnbindTag, book: Book) -> TagResult:
    """Unbind a tag."""
    book.record(*tags.unbind(book.find(Tag, command.uid), command.uid))
    return TagResult(command.uid)
