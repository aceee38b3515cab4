"""Consents: to which published text a customer agrees, for each purpose (KVKK 5, GDPR 7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.kernel.events import Personal
from domain.kernel.refusals import Forbidden, Invalid, NotFound, RuleBroken
from domain.users.consent_events import (
    ConsentEvent,
    ConsentGiven,
    ConsentTextPublished,
    ConsentWithdrawn,
)
from domain.users.customer import Locale

TEXTS_PER_PURPOSE_MAX = 1_000
_NOTHING: Mapping[str, str] = {}


class TextChanged(RuleBroken):
    """A published text stays as it is."""

    code = "users.consent_text_changed"


class TooManyTexts(RuleBroken):
    """A purpose has a limited number of texts."""

    code = "users.too_many_consent_texts"


class TextUnknown(Invalid):
    """Nobody agrees to a text that was never published."""

    code = "users.consent_text_unknown"


class ConsentNotGiven(NotFound):
    """There is no consent to withdraw."""

    code = "users.consent_not_given"


class ChannelNotYours(Forbidden):
    """On paper and by telephone a consent is noted by staff."""

    code = "users.consent_channel_not_yours"


class Purpose(StrEnum):
    """What a customer can agree to."""

    TERMS = "terms"
    PRIVACY_NOTICE = "privacy_notice"
    MARKETING_EMAIL = "marketing_email"
    MARKETING_SMS = "marketing_sms"
    MARKETING_CALL = "marketing_call"
    COOKIES_ANALYTICS = "cookies_analytics"
    DISTANCE_SALES = "distance_sales"


class Channel(StrEnum):
    """On which way a customer agreed."""

    WEB = "web"
    APP = "app"
    PAPER = "paper"
    CALL = "call"

    @property
    def noted_by_staff(self) -> bool:
        """Whether it takes somebody else to note it."""
        return self in {Channel.PAPER, Channel.CALL}


@dataclass(frozen=True, slots=True)
class ConsentTexts:
    """The texts of one purpose: their hashes by version and language."""

    CATEGORY: ClassVar[str] = "consent_texts"
    FOLD_VERSION: ClassVar[int] = 1

    hashes: Mapping[str, str]

    @classmethod
    def evolve(cls, state: "ConsentTexts | None", event: ConsentTextPublished) -> "ConsentTexts":
        known = state.hashes if state is not None else _NOTHING
        return cls({**known, _name(event.version, event.locale): event.sha256})


@dataclass(frozen=True, slots=True)
class Consents:
    """What a customer agrees to now: the version of the text by purpose."""

    CATEGORY: ClassVar[str] = "consents"
    FOLD_VERSION: ClassVar[int] = 1

    given: Mapping[str, str]

    @classmethod
    def evolve(cls, state: "Consents | None", event: ConsentEvent) -> "Consents":
        given = state.given if state is not None else _NOTHING
        match event:
            case ConsentGiven():
                return cls({**given, event.purpose: event.text_version})
            case ConsentWithdrawn():
                return cls({name: told for name, told in given.items() if name != event.purpose})
            case _:
                raise AssertionError(event)


def publish(
    texts: ConsentTexts | None, text: ConsentTextPublished
) -> tuple[ConsentTextPublished, ...]:
    """Publish a text under a version; the very same one again is no news."""
    known = texts.hashes if texts is not None else _NOTHING
    found = known.get(_name(text.version, text.locale))
    if found == text.sha256:
        return ()
    if found is not None:
        raise TextChanged("this version was published with other words; publish a new version")
    if len(known) >= TEXTS_PER_PURPOSE_MAX:
        raise TooManyTexts(f"a purpose has {TEXTS_PER_PURPOSE_MAX} texts at most")
    return (text,)


def give(  # noqa: PLR0913 - what a consent says
    consents: Consents | None,
    texts: ConsentTexts | None,
    *,
    customer_id: str,
    purpose: Purpose,
    version: str,
    locale: Locale,
    channel: Channel,
    proof: Personal | None,
    own_hand: bool,
) -> tuple[ConsentGiven, ...]:
    """Agree to a published text; who agrees to it already does nothing new."""
    check_channel(channel, own_hand=own_hand)
    if texts is None or _name(version, locale.value) not in texts.hashes:
        raise TextUnknown("no such text was published for this purpose and language")
    if consents is not None and consents.given.get(purpose.value) == version:
        return ()
    return (ConsentGiven(customer_id, purpose.value, version, locale.value, channel.value, proof),)


def withdraw(
    consents: Consents | None,
    *,
    customer_id: str,
    purpose: Purpose,
    channel: Channel,
    own_hand: bool,
) -> tuple[ConsentWithdrawn, ...]:
    """Agree no longer, whatever the text said."""
    check_channel(channel, own_hand=own_hand)
    version = consents.given.get(purpose.value) if consents is not None else None
    if version is None:
        raise ConsentNotGiven("there is no such consent to withdraw")
    return (ConsentWithdrawn(customer_id, purpose.value, version, channel.value),)


def check_channel(channel: Channel, *, own_hand: bool) -> None:
    """Refuse a customer who says for themselves what takes somebody else to note."""
    if own_hand and channel.noted_by_staff:
        raise ChannelNotYours("on paper and by telephone a consent is noted by staff")


def _name(version: str, locale: str) -> str:
    return f"{version}/{locale}"
