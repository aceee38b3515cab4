"""NFC tags: what each stands for, and whether its counter only goes up."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from domain.catalog.tags.events import (
    TagBound,
    TagCloneSuspected,
    TagEvent,
    TagRead,
    TagUnbound,
)
from domain.kernel.events import Personal
from domain.kernel.refusals import Invalid, NotFound, RuleBroken

UID_PATTERN = re.compile(r"([0-9A-F]{2}){4}|([0-9A-F]{2}){7}|([0-9A-F]{2}){10}")
"""A single, double or triple size UID (ISO/IEC 14443-3, 6.5.4)."""

COUNTER_MAX = 2**24 - 1
"""SDMReadCtr has three bytes (NT4H2421Gx, 9.3)."""

SERIAL_LENGTH_MAX = 80
SUSPICIONS_MAX = 100
"""How many suspicions of one binding are recorded; more of them would say nothing new."""


class TagNotFound(NotFound):
    """No such tag stands for anything."""

    code = "catalog.tag_not_found"


class TagAlreadyBound(RuleBroken):
    """The tag stands for something already; unbind it first."""

    code = "catalog.tag_already_bound"


class TagInvalid(Invalid):
    """A tag has a UID of 4, 7 or 10 bytes; a unit and a package have a serial, a variant none."""

    code = "catalog.tag_invalid"


class Kind(StrEnum):
    """What a tag stands for."""

    VARIANT = "variant"
    UNIT = "unit"
    PACKAGE = "package"


class Proof(StrEnum):
    """What a reading is worth: UNSIGNED tags can not prove themselves, MISSING ones did not."""

    UNSIGNED = "unsigned"
    MISSING = "missing"
    VERIFIED = "verified"
    REPLAYED = "replayed"


@dataclass(frozen=True, slots=True)
class Tag:
    """The last counter, and those that came again. A tag that is not bound has no meaning."""

    CATEGORY: ClassVar[str] = "nfc_tag"
    FOLD_VERSION: ClassVar[int] = 1

    bound: bool
    signed: bool = False
    counter: int | None = None
    suspected: tuple[int, ...] = ()

    @classmethod
    def evolve(cls, state: "Tag | None", event: TagEvent) -> "Tag":
        if isinstance(event, TagBound):
            return cls(bound=True, signed=event.secret is not None)
        assert state is not None
        match event:
            case TagRead():
                return replace(state, counter=event.counter)
            case TagCloneSuspected():
                return replace(state, suspected=(*state.suspected, event.counter))
            case TagUnbound():
                return cls(bound=False)
            case _:
                raise AssertionError(event)


def bind(  # noqa: PLR0913 - the fields of a binding
    tag: Tag | None,
    uid: str,
    *,
    kind: Kind,
    variant_id: str,
    serial: str | None,
    secret: Personal | None,
) -> tuple[TagBound, ...]:
    """Let a tag stand for something; its counter begins anew, as personalising a chip does."""
    if tag is not None and tag.bound:
        raise TagAlreadyBound("the tag stands for something already; unbind it first")
    if UID_PATTERN.fullmatch(uid) is None:
        raise TagInvalid("a UID has 4, 7 or 10 bytes in hexadecimal capitals")
    if (serial is None) != (kind is Kind.VARIANT):
        raise TagInvalid("a unit and a package have a serial, a variant has none")
    if serial is not None and not 0 < len(serial.strip()) <= SERIAL_LENGTH_MAX:
        raise TagInvalid(f"a serial has 1 to {SERIAL_LENGTH_MAX} characters")
    return (TagBound(uid, kind.value, variant_id, serial, secret),)


def read(tag: Tag | None, uid: str, counter: int) -> tuple[TagRead | TagCloneSuspected, ...]:
    """Take a counter whose proof was right.

    One that stays or goes back is suspected, and each such counter is told once: who sends one
    proof a thousand times adds nothing to the log.
    """
    if not known(tag).signed or not 0 <= counter <= COUNTER_MAX:
        raise TagInvalid("only a tag with a key counts, with three bytes")
    assert tag is not None
    if tag.counter is None or counter > tag.counter:
        return (TagRead(uid, counter),)
    if counter in tag.suspected or len(tag.suspected) >= SUSPICIONS_MAX:
        return ()
    return (TagCloneSuspected(uid, counter, tag.counter),)


def unbind(tag: Tag | None, uid: str) -> tuple[TagUnbound, ...]:
    """Let a tag stand for nothing any more."""
    known(tag)
    return (TagUnbound(uid),)


def known(tag: Tag | None) -> Tag:
    """Give a tag that stands for something."""
    if tag is None or not tag.bound:
        raise TagNotFound("no such tag stands for anything")
    return tag
