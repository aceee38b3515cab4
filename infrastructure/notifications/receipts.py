"""Mail to customers: a receipt when money moved, a warning before bonus ends (NTF-01, WLT-10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from domain.kernel.events import Event, Personal, stream_of
from domain.kernel.money import Money
from domain.ledger.books import Books
from domain.ledger.events import BOOKS_KEY
from domain.users.customer import Customer, Locale
from domain.users.events import AddressBounced
from domain.wallet.bonus_events import BonusExpiryWarned
from domain.wallet.wallet import Wallet
from infrastructure.effects.effect import Effect, Hopeless, Kind, World
from infrastructure.event_log.reader import read_feed
from infrastructure.notifications.delivering import Bounced
from infrastructure.notifications.letters import (
    Letter,
    beginning,
    decoded,
    event_of,
    mark_bounced,
    post,
)
from infrastructure.notifications.wording import TITLES, amount_in, moment_in

CONTACT_EVENTS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who gets a receipt, as their record stands now."""

    customer_id: str
    name: Personal | None
    email: Personal
    email_key: str
    locale: Locale


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is to be told."""

    event: Any
    happened_at: datetime
    reference: str
    time_zone: str
    addressee: Addressee
    name: str
    email: str


class _Nothing(Exception):
    """There is nothing to send; the text says why."""


async def perform(world: World, effect: Effect) -> str:
    """Send the receipt of one event. The record is read now: an address may have changed since."""
    if world.settings.mail_server is None:
        return "no mail server is set"
    try:
        async with world.look(effect.tenant_id) as connection:
            receipt = await _read(world, connection, effect)
    except _Nothing as nothing:
        return str(nothing)
    addressee = receipt.addressee
    try:
        return await post(world, effect, _letter(receipt))
    except Bounced as bounced:
        await mark_bounced(world, effect, addressee.customer_id, addressee.email_key, bounced)
        raise Hopeless(bounced.reply) from None


def _letter(receipt: Receipt) -> Letter:
    locale, event = receipt.addressee.locale, receipt.event
    template, sum_told, moment = _matter(receipt)
    title, amount = TITLES[type(event)][locale], amount_in(locale, sum_told)
    told = {
        "title": title,
        "amount": amount,
        "moment": moment_in(locale, moment, receipt.time_zone),
        "wallet": event.wallet_id,
        "reference": receipt.reference,
    }
    subject = f"{title}: {amount}"
    return Letter(template, subject, receipt.name, receipt.email, locale, told)


def _matter(receipt: Receipt) -> tuple[str, Money, datetime]:
    """Give the template, the amount, and the moment: when it happened, or when the bonus ends."""
    event = receipt.event
    if isinstance(event, BonusExpiryWarned):
        return "bonus_warning", event.remaining, event.expires_at
    return "receipt", event.amount, receipt.happened_at


async def _read(world: World, connection: AsyncConnection[Any], effect: Effect) -> Receipt:
    tenant_id = effect.tenant_id
    stored = await event_of(connection, effect)
    event: Any = decoded(stored)
    wallet: Any = await beginning(connection, tenant_id, Wallet.CATEGORY, event.wallet_id)
    books: Any = await beginning(connection, tenant_id, Books.CATEGORY, BOOKS_KEY)
    stream = stream_of(Customer.CATEGORY, wallet.owner)
    record = await read_feed(
        connection, tenant_id, after=0, limit=CONTACT_EVENTS_MAX, stream=stream
    )
    addressee = _addressee(wallet.owner, map(decoded, record))
    sealed = [one for one in (addressee.name, addressee.email) if one is not None]
    texts = await world.opener.open(connection, tenant_id, sealed)
    email = texts[addressee.email]
    if email is None:
        raise _Nothing("no address: the customer was forgotten")
    name = texts[addressee.name] if addressee.name is not None else None
    entry: str = getattr(event, "entry_id", None) or f"{stored.stream}.{stored.version}"
    return Receipt(event, stored.recorded_at, entry, books.time_zone, addressee, name or "", email)


def _addressee(owner: str, record: Iterable[Event]) -> Addressee:
    contact: Any = None
    bounced = False
    for event in record:
        bounced = isinstance(event, AddressBounced)
        contact = contact if bounced else event
    if contact is None:
        raise _Nothing("no customer record")
    if contact.email is None:
        raise _Nothing("no address")
    if bounced:
        raise _Nothing("suppressed: the address bounced")
    locale = Locale(contact.locale)
    return Addressee(owner, contact.name, contact.email, contact.email_key, locale)


WALLET_RECEIPTS = Kind(perform, first_retry_seconds=30.0)
"""Its eight attempts span about fifteen hours; a server that greylists wants some minutes."""
