"""What happens to NFC tags: bound to what is sold, read, and read too often."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.events import Event, Personal


class TagEvent(Event):
    """An event of a tag's stream; `uid` is the tag's own number in hexadecimal capitals."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "nfc_tag"

    uid: str

    @property
    def key(self) -> str:
        return self.uid


@dataclass(frozen=True, slots=True)
class TagBound(TagEvent):
    """A tag stands for a variant, for one unit of it, or for a package of it.

    `kind` is one of `Kind`; `serial` is the number of the unit or package. `secret` is the AES key
    that the tag proves itself with, in hexadecimal digits.
    """

    NAME: ClassVar[str] = "catalog.tag_bound"

    uid: str
    kind: str
    variant_id: str
    serial: str | None
    secret: Personal | None


@dataclass(frozen=True, slots=True)
class TagRead(TagEvent):
    """A tag proved itself with a counter that is higher than any before."""

    NAME: ClassVar[str] = "catalog.tag_read"

    uid: str
    counter: int


@dataclass(frozen=True, slots=True)
class TagCloneSuspected(TagEvent):
    """A proof came with a counter that was already past: it was copied, or sent again."""

    NAME: ClassVar[str] = "catalog.tag_clone_suspected"

    uid: str
    counter: int
    last_counter: int


@dataclass(frozen=True, slots=True)
class TagUnbound(TagEvent):
    """A tag stands for nothing any more."""

    NAME: ClassVar[str] = "catalog.tag_unbound"

    uid: str
