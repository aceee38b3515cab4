"""Mail to customers: a receipt when money moved, a warning before bonus ends (NTF-01, WLT-10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from psycopg import AsyncConnection

from application.sending import NotDecided
from application.tenants.tenants import PLATFORM
from application.users.customers import MarkUndeliverable
from domain.kernel.events import Event, Personal, stream_of
from domain.kernel.money import Money
from domain.ledger.books import Books
from domain.ledger.events import BOOKS_KEY
from domain.tenants.tenant import Tenant
from domain.users.customer import Customer, Locale
from domain.users.events import AddressBounced
from domain.wallet.bonus_events import BonusExpiryWarned
from domain.wallet.wallet import Wallet
from infrastructure.effects.effect import Effect, Hopeless, Kind, TryLater, World
from infrastructure.event_log.codec import decode
from infrastructure.event_log.reader import StoredEvent, read_feed
from infrastructure.notifications.addresses import one_line
from infrastructure.notifications.delivering import Bounced, deliver
from infrastructure.notifications.wording import TITLES, amount_in, moment_in
from infrastructure.processes.advance import envelope_of

CONTACT_EVENTS_MAX = 10_000

_log = structlog.get_logger("notifications")
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(("html",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    keep_trailing_newline=True,
)


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
    async with world.look(PLATFORM) as connection:
        shop = await _shop_name(connection, effect.tenant_id)
    assert world.settings.mail_sender is not None
    try:
        sender = _mailbox(shop or world.settings.mail_sender[0], world.settings.mail_sender[1])
        message = compose(receipt, effect.effect_id, sender, shop)
        return await deliver(world.settings.mail_server, message)
    except Bounced as bounced:
        await _mark(world, effect, receipt.addressee, bounced.reply)
        raise Hopeless(bounced.reply) from None


def compose(receipt: Receipt, effect_id: UUID, sender: Address, shop: str) -> EmailMessage:
    """Write the mail; the same effect always gets the same Message-ID (RFC 5322, 3.6.4)."""
    locale, event = receipt.addressee.locale, receipt.event
    template, sum_told, moment = _matter(receipt)
    title, amount = TITLES[type(event)][locale], amount_in(locale, sum_told)
    told = {
        "title": title,
        "amount": amount,
        "name": one_line(receipt.name),
        "moment": moment_in(locale, moment, receipt.time_zone),
        "wallet": event.wallet_id,
        "reference": receipt.reference,
        "shop": shop,
    }
    message = EmailMessage(policy=WIRE)
    message["From"] = sender
    message["To"] = _mailbox(receipt.name, receipt.email)
    message["Subject"] = f"{title}: {amount}"
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{effect_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = locale.value
    text = _TEMPLATES.get_template(f"{template}.{locale}.txt").render(told)
    html = _TEMPLATES.get_template(f"{template}.{locale}.html").render(told)
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message


def _matter(receipt: Receipt) -> tuple[str, Money, datetime]:
    """Give the template, the amount, and the moment: when it happened, or when the bonus ends."""
    event = receipt.event
    if isinstance(event, BonusExpiryWarned):
        return "bonus_warning", event.remaining, event.expires_at
    return "receipt", event.amount, receipt.happened_at


def _mailbox(name: str, address: str) -> Address:
    try:
        return Address(display_name=one_line(name), addr_spec=address)
    except (ValueError, IndexError):
        raise Hopeless("the address can not be read") from None


async def _read(world: World, connection: AsyncConnection[Any], effect: Effect) -> Receipt:
    tenant_id = effect.tenant_id
    stored = await _first(connection, tenant_id, after=effect.position - 1)
    if stored is None or stored.event_id != effect.event_id:
        raise Hopeless("the event is not in the log")
    event: Any = _decoded(stored)
    wallet: Any = await _beginning(connection, tenant_id, Wallet.CATEGORY, event.wallet_id)
    books: Any = await _beginning(connection, tenant_id, Books.CATEGORY, BOOKS_KEY)
    stream = stream_of(Customer.CATEGORY, wallet.owner)
    record = await read_feed(
        connection, tenant_id, after=0, limit=CONTACT_EVENTS_MAX, stream=stream
    )
    addressee = _addressee(wallet.owner, map(_decoded, record))
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


async def _shop_name(connection: AsyncConnection[Any], tenant_id: UUID) -> str:
    created: Any = await _beginning(connection, PLATFORM, Tenant.CATEGORY, str(tenant_id))
    return one_line(created.name) if created is not None else ""


async def _beginning(
    connection: AsyncConnection[Any], log: UUID, category: str, key: str
) -> Event | None:
    stored = await _first(connection, log, after=0, stream=stream_of(category, key))
    return _decoded(stored) if stored is not None else None


async def _first(
    connection: AsyncConnection[Any], log: UUID, *, after: int, stream: str | None = None
) -> StoredEvent | None:
    found = await read_feed(connection, log, after=after, limit=1, stream=stream)
    return found[0] if found else None


def _decoded(stored: StoredEvent) -> Event:
    return decode(stored.type, stored.schema, stored.data)


async def _mark(world: World, effect: Effect, addressee: Addressee, reply: str) -> None:
    command = MarkUndeliverable(addressee.customer_id, addressee.email_key, reply)
    name = f"{effect.effect}/bounced"
    envelope = envelope_of(effect.tenant_id, effect.event_id, name, command)
    try:
        outcome = await world.sender.send(envelope)
    except NotDecided as later:
        raise TryLater(later.code) from later
    if outcome.refused:
        _log.warning("bounce_not_noted", effect_id=str(effect.effect_id))


WALLET_RECEIPTS = Kind(perform, first_retry_seconds=30.0)
"""Its eight attempts span about fifteen hours; a server that greylists wants some minutes."""
