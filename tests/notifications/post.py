"""A real mail server that does what a test says, and a shop whose receipts go there."""

import asyncio
import base64
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID

from aiosmtpd.smtp import SMTP, Envelope, Session

from application.envelope import Actor
from application.envelope import Envelope as Sending
from application.identity.logins import EmailAddress
from application.processes.mailed_links import MAILED_LINKS
from application.processes.receipts import RECEIPTS, WALLET_RECEIPT
from application.processes.wallet_of_customer import WALLET_OF_CUSTOMER
from application.tenants.tenants import PLATFORM, CreateTenant
from application.users.customers import RegisterCustomer
from domain.users.customer import Locale
from infrastructure.effects.kinds import EFFECTS
from infrastructure.effects.performing import Performer
from infrastructure.event_log.opening import Opener
from infrastructure.postgres.connections import connect
from infrastructure.processes.follower import Processes
from infrastructure.settings import Settings, load_settings
from tests.event_log.shop import MASTER_KEYS, Shop
from tests.processes.following import follow_to_the_end
from tests.projections.stepping import until

MASTER_KEY_TEXT = base64.b64encode(b"m" * 32).decode()
ACCEPTED = "250 2.0.0 taken"


class PostOffice:
    """Takes mail. What it answers is for tests to say."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.at_sender: Callable[[], str] = lambda: ACCEPTED
        self.at_recipient: Callable[[str], str] = lambda _address: ACCEPTED
        self.at_data: Callable[[], str] = lambda: ACCEPTED
        self.url = ""

    @asynccontextmanager
    async def open(self, **protection: Any) -> AsyncGenerator["PostOffice"]:  # noqa: ANN401 - of SMTP
        """Listen on a socket; `protection` is what aiosmtpd is told of TLS and passwords."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(self, **protection), "127.0.0.1", 0)
        async with server:
            self.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield self

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        envelope.mail_from = address
        return self.at_sender()

    async def handle_RCPT(  # noqa: N802 - as above
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        answer = self.at_recipient(address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        answer = self.at_data()
        if answer.startswith("2"):
            assert isinstance(envelope.content, bytes)
            mail = message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.recipients += envelope.rcpt_tos
        return answer


class MailShop:
    """A tenant, its processes, and workers that perform what they filed."""

    def __init__(self, shop: Shop, redis_url: str) -> None:
        self.shop = shop
        self.redis_url = redis_url

    def settings(self, smtp_url: str | None) -> Settings:
        mail = {"smtp_url": smtp_url, "mail_from": "no-reply@mail.example"} if smtp_url else {}
        return load_settings(
            database_url=self.shop.database_url,
            redis_url=self.redis_url,
            master_keys=MASTER_KEY_TEXT,
            **mail,
        )

    async def customer(
        self, customer_id: str, *, name: str | None, email: str | None, locale: Locale
    ) -> str:
        """Register a customer; gives the wallet that follows."""
        address = EmailAddress(email, f"key-of-{customer_id}") if email else None
        await self.shop.tell(RegisterCustomer(name, address, locale, customer_id))
        await self.follow()
        claims = self.shop.ask(
            "SELECT owner FROM defter.claims WHERE tenant_id = %s AND key = %s",
            self.shop.tenant_id,
            f"{customer_id}/TRY",
        )
        ((stream,),) = claims
        return stream.removeprefix("wallet-")

    async def follow(self) -> None:
        """Take the processes to the end of the log."""
        processes = Processes(
            self.shop.writer, processes=(MAILED_LINKS, WALLET_OF_CUSTOMER, RECEIPTS)
        )
        async with await connect(self.shop.database_url) as connection:
            assert await follow_to_the_end(connection, self.shop.tenant_id, processes) == ()

    def filed(self, *states: str) -> list[UUID]:
        """Give the ids of receipts in some states."""
        query = (
            "SELECT effect_id FROM defter.effects"
            " WHERE tenant_id = %s AND state = ANY(%s) ORDER BY position"
        )
        return [row[0] for row in self.shop.ask(query, self.shop.tenant_id, list(states))]

    def told(self) -> list[tuple[Any, ...]]:
        """Give state and last word of every receipt, in order."""
        query = "SELECT state, told FROM defter.effects WHERE tenant_id = %s ORDER BY position"
        return self.shop.ask(query, self.shop.tenant_id)

    @asynccontextmanager
    async def worker(self, smtp_url: str | None) -> AsyncGenerator[Performer]:
        """A worker that knows a mail server."""
        performer = Performer(
            self.shop.database_url,
            self.settings(smtp_url),
            Opener(MASTER_KEYS),
            self.shop.writer,
            kinds=EFFECTS,
        )
        async with performer.running():
            yield performer

    async def perform(self, smtp_url: str | None, effect: str = WALLET_RECEIPT) -> None:
        """File what is due, try each waiting mail once, and wait until that is written down."""
        await self.follow()
        ids = self.filed("waiting")
        before = self._attempts()
        async with self.worker(smtp_url) as worker:
            await worker.take(self.shop.tenant_id, effect, "", ids)
            await until(lambda: self._attempts() == before + len(ids))

    def _attempts(self) -> int:
        query = "SELECT count(*) FROM defter.effect_attempts WHERE tenant_id = %s"
        return self.shop.ask(query, self.shop.tenant_id)[0][0]


async def name_shop(shop: Shop, name: str) -> None:
    """Let the platform know the tenant."""
    await shop.writer.add_tenant(PLATFORM)
    tenant = str(shop.tenant_id)
    command = CreateTenant(tenant, f"t{shop.tenant_id.hex}", name, test=True)
    system = Actor("system")
    asked = Sending(PLATFORM, shop.tenant_id, b"h" * 32, command, system, "founding")
    assert not (await shop.writer.send(asked)).refused
