"""Publish texts, agree to them, and agree no longer."""

import hashlib
from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.users.customers import known
from domain.kernel.events import Personal
from domain.users import consents
from domain.users.consent_events import ConsentTextPublished
from domain.users.consents import Channel, Consents, ConsentTexts, Purpose
from domain.users.customer import Locale


@dataclass(frozen=True, slots=True)
class PublishConsentText:
    """Publish a text that customers can agree to. It stays for ever as it is."""

    NAME: ClassVar[str] = "users.publish_consent_text"

    purpose: Purpose
    version: str
    locale: Locale
    text: str


@dataclass(frozen=True, slots=True)
class ConsentTextResult:
    """The text, and the SHA-256 of its UTF-8 in hexadecimal digits."""

    purpose: Purpose
    version: str
    locale: Locale
    sha256: str


def publish_consent_text(command: PublishConsentText, book: Book) -> ConsentTextResult:
    """Publish a text under a version of its purpose."""
    purpose, locale = command.purpose, command.locale
    sha256 = hashlib.sha256(command.text.encode()).hexdigest()
    published = ConsentTextPublished(
        purpose.value, command.version, locale.value, sha256, command.text
    )
    book.record(*consents.publish(book.find(ConsentTexts, purpose.value), published))
    return ConsentTextResult(purpose, command.version, locale, sha256)


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """Agree to a published text. Staff note for a customer what came on paper or by telephone."""

    NAME: ClassVar[str] = "users.give_consent"

    customer_id: str
    purpose: Purpose
    version: str
    locale: Locale
    channel: Channel
    proof: str | None = None


@dataclass(frozen=True, slots=True)
class ConsentResult:
    """What a customer agrees to now."""

    customer_id: str
    purpose: Purpose
    given: bool


def give_consent(command: GiveConsent, book: Book) -> ConsentResult:
    """Agree, for oneself or as staff for a customer."""
    customer_id = known(book, command.customer_id).customer_id
    proof = command.proof
    given = consents.give(
        book.find(Consents, customer_id),
        book.find(ConsentTexts, command.purpose.value),
        customer_id=customer_id,
        purpose=command.purpose,
        version=command.version,
        locale=command.locale,
        channel=command.channel,
        proof=Personal(customer_id, proof) if proof is not None else None,
        own_hand=book.actor.actor_id == customer_id,
    )
    book.record(*given)
    return ConsentResult(customer_id, command.purpose, given=True)


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """Agree no longer, as of now."""

    NAME: ClassVar[str] = "users.withdraw_consent"

    customer_id: str
    purpose: Purpose
    channel: Channel


def withdraw_consent(command: WithdrawConsent, book: Book) -> ConsentResult:
    """Withdraw a consent; nothing is asked but whose it is."""
    customer_id = known(book, command.customer_id).customer_id
    withdrawn = consents.withdraw(
        book.find(Consents, customer_id),
        customer_id=customer_id,
        purpose=command.purpose,
        channel=command.channel,
        own_hand=book.actor.actor_id == customer_id,
    )
    book.record(*withdrawn)
    return ConsentResult(customer_id, command.purpose, given=False)
