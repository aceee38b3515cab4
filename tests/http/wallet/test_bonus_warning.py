"""WLT-10 over HTTP: the test clock moves, and a mail server hears of bonus that ends, once."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from application.processes.receipts import WALLET_RECEIPT
from infrastructure.effects.kinds import EFFECTS
from infrastructure.effects.performing import Performer
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.opening import Opener
from tests.http.conftest import MASTER_KEY, Api, settings_for
from tests.http.fakes import TENANT
from tests.http.test_whole import LIRA, Caller, shop
from tests.notifications.post import PostOffice
from tests.projections.stepping import until

__all__ = ["shop"]

pytestmark = pytest.mark.row("WLT-10")

ENDS = datetime.now(UTC).replace(hour=21, minute=30, second=0, microsecond=0) + timedelta(days=30)
"""Half past midnight of the next day in Istanbul."""

DUE = ENDS - timedelta(days=7)


@pytest.fixture
async def post() -> AsyncGenerator[PostOffice]:
    async with PostOffice().open() as office:
        yield office


class Mailing(Caller):
    """A shop that writes to customers; its clock stands where tests put it."""

    def __init__(self, api: Api, database_url: str, redis_url: str) -> None:
        super().__init__(api)
        self.database_url, self.redis_url = database_url, redis_url

    async def customer(self, **contact: str) -> str:
        """Register Ada and give her wallet, which follows by itself."""
        await self.post("/api/customers", {"customer_id": "cus_ada1", "name": "Ada Öz"} | contact)
        await self.clock(datetime.now(UTC) + timedelta(seconds=1))
        (one,) = (await self.get("/api/wallet?owner=cus_ada1")).json()["items"]
        return one["wallet_id"]

    async def grant(self, wallet: str, minor: int, ends: datetime = ENDS) -> None:
        body = {"amount": LIRA | {"minor": minor}, "campaign": "spring"}
        await self.post(f"/api/wallet/{wallet}/bonus", body | {"expires_at": ends.isoformat()})

    async def clock(self, to: datetime) -> int:
        return (await self.post("/api/test/clock", {"to": to.isoformat()}))["fired"]

    async def warnings(self, wallet: str) -> list[dict[str, Any]]:
        listed = (await self.get(f"/api/wallet/{wallet}/history")).json()["items"]
        return [one for one in listed if one["type"] == "wallet.bonus_expiry_warned"]

    async def deliver(self, post: PostOffice) -> list[str]:
        """Let a worker perform what is filed; gives what came of it."""
        writer = self.api.services.sender
        mail = {"smtp_url": post.url, "mail_from": "no-reply@mail.example"}
        settings = settings_for(self.redis_url, **mail)
        opener = Opener(MasterKeys(MASTER_KEY))
        performer = Performer(self.database_url, settings, opener, writer, kinds=EFFECTS)  # type: ignore[arg-type] - the real one
        async with performer.running():
            await performer.take(TENANT, WALLET_RECEIPT, "", [row[0] for row in self.filed()])
            await until(lambda: all(state == "done" for _, state, _ in self.filed()))
        return [told for _, _, told in self.filed()]

    def filed(self) -> list[tuple[UUID, str, str]]:
        query = (
            "SELECT effect_id, state, told FROM defter.effects WHERE tenant_id = %s AND effect = %s"
        )
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(query, (TENANT, WALLET_RECEIPT)).fetchall()


@pytest.fixture
def caller(shop: Api, database_url: str, redis_url: str) -> Mailing:
    return Mailing(shop, database_url, redis_url)


@pytest.mark.parametrize(
    ("locale", "subject", "said"),
    [
        ("tr", "Bonusunuz yakında sona eriyor: 0,60 TRY", "%d.%m.%Y 00:30 (Europe/Istanbul)"),
        ("en", "Your bonus ends soon: TRY 0.60", "%Y-%m-%d 00:30 (Europe/Istanbul)"),
    ],
)
async def test_what_is_left_is_told_once_with_its_day_in_the_tenant_s_zone(
    caller: Mailing, post: PostOffice, locale: str, subject: str, said: str
) -> None:
    ada = await caller.customer(email="ada@ada.example", locale=locale)
    await caller.grant(ada, 100)
    await caller.post(f"/api/wallet/{ada}/holds", {"amount": LIRA | {"minor": 40}})
    assert await caller.clock(DUE - timedelta(seconds=1)) == 0
    assert await caller.warnings(ada) == []
    assert await caller.clock(DUE) == 1
    assert await caller.clock(DUE + timedelta(days=1)) == 0
    (warning,) = await caller.warnings(ada)
    assert warning["data"]["remaining"] == LIRA | {"minor": 60}
    assert await caller.deliver(post) == ["250"]
    (mail,) = post.mails
    assert (mail["To"].addresses[0].addr_spec, mail["Subject"]) == ("ada@ada.example", subject)
    for part in ("plain", "html"):
        body = mail.get_body((part,))
        assert body is not None
        day = (ENDS + timedelta(days=1)).strftime(said)
        assert day in body.get_content()
        assert "Ada Öz" in body.get_content()
    # Nothing more is told when it ends.
    assert await caller.clock(ENDS) == 1
    assert len(await caller.warnings(ada)) == len(caller.filed()) == 1
    seen = (await caller.get(f"/api/wallet/{ada}")).json()
    assert (seen["bonus"]["minor"], seen["held"]["minor"]) == (0, 40)


async def test_who_spent_it_all_or_got_it_for_a_short_time_hears_nothing(caller: Mailing) -> None:
    ada = await caller.customer(email="ada@ada.example")
    await caller.grant(ada, 100)
    await caller.post(f"/api/wallet/{ada}/holds", {"amount": LIRA | {"minor": 100}})
    await caller.grant(ada, 50, datetime.now(UTC) + timedelta(days=6))
    assert await caller.clock(ENDS + timedelta(days=1)) == 3
    assert (await caller.warnings(ada), caller.filed()) == ([], [])


async def test_without_an_address_nothing_is_sent_and_nothing_fails(
    caller: Mailing, post: PostOffice
) -> None:
    ada = await caller.customer()
    await caller.post("/api/notifications/receipts", {"mailed": True})
    await caller.grant(ada, 100)
    assert await caller.clock(DUE) == 1
    assert len(await caller.warnings(ada)) == 1
    assert await caller.deliver(post) == ["no address"]
    assert post.mails == []


async def test_where_mail_is_turned_off_only_the_event_tells(caller: Mailing) -> None:
    ada = await caller.customer(email="ada@ada.example")
    await caller.post("/api/notifications/receipts", {"mailed": False})
    await caller.grant(ada, 100)
    assert await caller.clock(DUE) == 1
    assert len(await caller.warnings(ada)) == 1
    assert caller.filed() == []
