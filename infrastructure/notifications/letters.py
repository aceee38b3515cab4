"""What all mail has in common: its headers, its two forms, who it comes from, where it bounced."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from psycopg import AsyncConnection

from application.sending import NotDecided
from application.tenants.tenants import PLATFORM
from application.users.customers import MarkUndeliverable
from domain.kernel.events import Event, stream_of
from domain.tenants.tenant import Tenant
from domain.users.customer import Locale
from infrastructure.effects.effect import Effect, Hopeless, TryLater, World
from infrastructure.event_log.codec import decode
from infrastructure.event_log.reader import StoredEvent, read_feed
from infrastructure.notifications.addresses import one_line
from infrastructure.notifications.delivering import Bounced, deliver
from infrastructure.processes.advance import envelope_of

_log = structlog.get_logger("notifications")
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(("html",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    keep_trailing_newline=True,
)


class Letter(NamedTuple):
    """A mail to one person, in their language; `told` is what its template says."""

    template: str
    subject: str
    name: str
    email: str
    locale: Locale
    told: Mapping[str, str]
    files: Mapping[str, str] = MappingProxyType({})
    """Texts to keep, by name."""


async def post(world: World, effect: Effect, letter: Letter) -> str:
    """Hand a letter over; gives the server's reply. Raises what `deliver` raises."""
    server, mail_sender = world.settings.mail_server, world.settings.mail_sender
    assert server is not None
    assert mail_sender is not None
    async with world.look(PLATFORM) as connection:
        shop = await _shop_name(connection, effect.tenant_id)
    sender = _mailbox(shop or mail_sender[0], mail_sender[1])
    return await deliver(server, compose(letter, effect.effect_id, sender, shop))


def compose(letter: Letter, effect_id: UUID, sender: Address, shop: str) -> EmailMessage:
    """Write the mail; the same effect always gets the same Message-ID (RFC 5322, 3.6.4)."""
    locale = letter.locale
    told = {**letter.told, "name": one_line(letter.name), "shop": shop}
    message = EmailMessage(policy=WIRE)
    message["From"] = sender
    message["To"] = _mailbox(letter.name, letter.email)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{effect_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = locale.value
    text = _TEMPLATES.get_template(f"{letter.template}.{locale}.txt").render(told)
    html = _TEMPLATES.get_template(f"{letter.template}.{locale}.html").render(told)
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    for name, kept in letter.files.items():
        # Not as text: mail would end its lines otherwise, and what was signed would be another.
        message.add_attachment(
            kept.encode(), maintype="application", subtype="octet-stream", filename=name
        )
    return message


async def mark_bounced(
    world: World, effect: Effect, customer_id: str, email_key: str, bounced: Bounced
) -> None:
    """Note that a customer's address takes no mail."""
    command = MarkUndeliverable(customer_id, email_key, bounced.reply)
    name = f"{effect.effect}/bounced"
    envelope = envelope_of(effect.tenant_id, effect.event_id, name, command)
    try:
        outcome = await world.sender.send(envelope)
    except NotDecided as later:
        raise TryLater(later.code) from later
    if outcome.refused:
        _log.warning("bounce_not_noted", effect_id=str(effect.effect_id))


async def event_of(connection: AsyncConnection[Any], effect: Effect) -> StoredEvent:
    """Give the event that an effect answers."""
    found = await read_feed(connection, effect.tenant_id, after=effect.position - 1, limit=1)
    if not found or found[0].event_id != effect.event_id:
        raise Hopeless("the event is not in the log")
    return found[0]


async def beginning(
    connection: AsyncConnection[Any], log: UUID, category: str, key: str
) -> Event | None:
    """Give the first event of a stream."""
    stream = stream_of(category, key)
    found = await read_feed(connection, log, after=0, limit=1, stream=stream)
    return decoded(found[0]) if found else None


def decoded(stored: StoredEvent) -> Event:
    """Read an event as it stands in the log."""
    return decode(stored.type, stored.schema, stored.data)


async def _shop_name(connection: AsyncConnection[Any], tenant_id: UUID) -> str:
    created: Any = await beginning(connection, PLATFORM, Tenant.CATEGORY, str(tenant_id))
    return one_line(created.name) if created is not None else ""


def _mailbox(name: str, address: str) -> Address:
    try:
        return Address(display_name=one_line(name), addr_spec=address)
    except (ValueError, IndexError):
        raise Hopeless("the address can not be read") from None
