"""NTF-01: receipts reach a real mail server, are tried again, and stop where nobody is."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from application.identity.logins import EmailAddress
from application.notifications.receipts import ChooseReceipts
from application.processes.receipts import RECEIPT_DUE
from application.users.customers import ChangeContact
from application.wallet.holds import CaptureHold, PlaceHold, RefundCapture
from application.wallet.topups import TopUp
from application.wallet.transfers import TransferFunds
from domain.users.customer import Locale
from infrastructure.notifications.wording import TITLES
from infrastructure.postgres.connections import connect
from tests.event_log.shop import lira
from tests.event_log.test_personal_data import dump
from tests.notifications.post import ACCEPTED, MASTER_KEY_TEXT, MailShop, PostOffice
from tests.projections.stepping import catch_up, until

pytestmark = pytest.mark.row("NTF-01")

ROOT = Path(__file__).parents[2]
CANARY = "canary-zeynep"


async def ada(shop: MailShop, *, locale: Locale = Locale.TURKISH, name: str = "Ada Öz") -> str:
    return await shop.customer("cus_ada1", name=name, email=f"{CANARY}@ada.example", locale=locale)


async def test_a_top_up_is_told_in_turkish(shop: MailShop, post: PostOffice) -> None:
    wallet = await ada(shop)
    done = await shop.shop.tell(TopUp(wallet, lira(123_450)))
    await shop.perform(post.url)
    [mail] = post.mails
    assert post.recipients == [f"{CANARY}@ada.example"]
    assert mail["To"] == f"Ada Öz <{CANARY}@ada.example>"
    assert mail["From"] == "Kitap Evi <no-reply@mail.example>"
    assert mail["Subject"] == "Cüzdanınıza para yüklendi: 1.234,50 TRY"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"]
    [effect_id] = shop.filed("done")
    assert mail["Message-ID"] == f"<{effect_id}@mail.example>"
    for part in ("plain", "html"):
        body = mail.get_body((part,))
        assert body is not None
        text = body.get_content()
        assert "Merhaba Ada Öz," in text
        assert "1.234,50 TRY" in text
        assert wallet in text
        assert done["entry_id"] in text
        assert "(Europe/Istanbul)" in text
    assert shop.told() == [("done", "250")]


async def test_every_movement_is_told_in_english_to_whom_it_concerns(
    shop: MailShop, post: PostOffice
) -> None:
    wallet = await ada(shop, locale=Locale.ENGLISH)
    other = await shop.customer("cus_bora", name=None, email="b@b.example", locale=Locale.ENGLISH)
    tell = shop.shop.tell
    await tell(TopUp(wallet, lira(500_000)))
    hold = await tell(PlaceHold(wallet, lira(3_000)))
    taken = await tell(CaptureHold(wallet, hold["hold_id"], lira(2_000)))
    await tell(RefundCapture(wallet, hold["hold_id"], taken["capture_id"], lira(500)))
    await tell(TransferFunds(wallet, other, lira(250_075)))
    await shop.perform(post.url)
    subjects = {(mail["To"].addresses[0].addr_spec, mail["Subject"]) for mail in post.mails}
    address = f"{CANARY}@ada.example"
    assert subjects == {
        (address, "Money was added to your wallet: TRY 5,000.00"),
        (address, "You paid from your wallet: TRY 20.00"),
        (address, "A payment was refunded to your wallet: TRY 5.00"),
        (address, "You sent money from your wallet: TRY 2,500.75"),
        ("b@b.example", "Your wallet received money: TRY 2,500.75"),
    }
    [received] = [mail for mail in post.mails if mail["To"] == "b@b.example"]
    text = received.get_body(("plain",))
    assert text is not None
    assert text.get_content().startswith("Hello,")


async def test_a_name_can_not_break_out_of_its_header_nor_of_the_page(
    shop: MailShop, post: PostOffice
) -> None:
    name = 'Ada\r\nBcc: evil@evil.example\n\n<script>alert("x")</script>'
    wallet = await ada(shop, name=name)
    await shop.shop.tell(TopUp(wallet, lira(100)))
    await shop.perform(post.url)
    [mail] = post.mails
    assert mail["Bcc"] is None
    assert post.recipients == [f"{CANARY}@ada.example"]
    assert mail["To"].addresses[0].display_name.startswith("Ada Bcc: evil@evil.example <script>")
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert "&lt;script&gt;" in html.get_content()


@pytest.mark.parametrize(
    ("recipient", "data"),
    [("451 4.7.1 greylisted", ACCEPTED), ("452 4.2.2 full", ACCEPTED), (ACCEPTED, "421 4.3.0 no")],
)
async def test_what_the_server_does_not_take_now_is_tried_again(
    shop: MailShop, post: PostOffice, recipient: str, data: str
) -> None:
    wallet = await ada(shop)
    await shop.shop.tell(TopUp(wallet, lira(100)))
    post.at_recipient, post.at_data = (lambda _address: recipient), (lambda: data)
    await shop.perform(post.url)
    refusal = recipient if recipient != ACCEPTED else data
    assert shop.told() == [("waiting", refusal[:9])]
    post.at_recipient, post.at_data = (lambda _address: ACCEPTED), (lambda: ACCEPTED)
    await shop.perform(post.url)
    assert shop.told() == [("done", "250")]
    assert len(post.mails) == 1


async def test_what_the_server_has_against_us_is_no_fault_of_the_address(
    shop: MailShop, post: PostOffice
) -> None:
    wallet = await ada(shop)
    await shop.shop.tell(TopUp(wallet, lira(100)))
    post.at_sender = lambda: "550 5.1.8 who are you"
    await shop.perform(post.url)
    assert shop.told() == [("waiting", "550 5.1.8")]
    post.at_sender = lambda: ACCEPTED
    await shop.perform(post.url)
    assert shop.told() == [("done", "250")]


async def test_a_server_that_is_away_is_asked_again(shop: MailShop, post: PostOffice) -> None:
    wallet = await ada(shop)
    await shop.shop.tell(TopUp(wallet, lira(100)))
    await shop.perform("smtp://127.0.0.1:1")
    assert shop.told() == [("waiting", "SMTPConnectError")]
    await shop.perform(post.url)
    assert shop.told() == [("done", "250")]


async def test_a_password_is_not_said_where_nobody_could_keep_it_secret(
    shop: MailShop, post: PostOffice
) -> None:
    wallet = await ada(shop)
    await shop.shop.tell(TopUp(wallet, lira(100)))
    await shop.perform(post.url.replace("smtp://", f"smtp://{CANARY}:{CANARY}@"))
    assert shop.told() == [("waiting", "SMTPException")]
    assert post.mails == []


async def test_an_address_that_bounced_gets_no_more_until_the_contact_changes(
    shop: MailShop, post: PostOffice
) -> None:
    wallet = await ada(shop)
    post.at_recipient = lambda address: f"550 5.1.1 <{address}> unknown"
    await shop.shop.tell(TopUp(wallet, lira(100)))
    await shop.perform(post.url)
    post.at_recipient = lambda _address: ACCEPTED
    await shop.shop.tell(TopUp(wallet, lira(200)))
    await shop.perform(post.url)
    assert shop.told() == [("dead", "550 5.1.1"), ("done", "suppressed: the address bounced")]
    assert post.mails == []
    address = EmailAddress("ada@new.example", "key-of-new")
    await shop.shop.tell(ChangeContact("cus_ada1", "Ada", address, Locale.ENGLISH))
    await shop.shop.tell(TopUp(wallet, lira(300)))
    await shop.perform(post.url)
    assert post.recipients == ["ada@new.example"]
    assert "TRY 3.00" in post.mails[0]["Subject"]


@pytest.mark.parametrize(
    ("recipient", "data", "bounced"),
    [
        ("550 no such user", ACCEPTED, True),
        ("550 5.7.1 relaying denied", ACCEPTED, False),
        ("552 5.2.2 over quota", ACCEPTED, False),
        (ACCEPTED, "554 5.1.1 unknown", True),
        (ACCEPTED, "554 no spam please", False),
    ],
)
async def test_mail_that_is_refused_for_good_is_given_up_and_only_a_dead_address_is_remembered(
    shop: MailShop, post: PostOffice, recipient: str, data: str, *, bounced: bool
) -> None:
    wallet = await ada(shop)
    post.at_recipient, post.at_data = (lambda _address: recipient), (lambda: data)
    await shop.shop.tell(TopUp(wallet, lira(100)))
    await shop.perform(post.url)
    [(state, _)] = shop.told()
    assert state == "dead"
    query = "SELECT count(*) FROM defter.events WHERE tenant_id = %s AND type = %s"
    noted = shop.shop.ask(query, shop.shop.tenant_id, "users.address_bounced")
    assert noted == [(int(bounced),)]


async def test_where_there_is_nobody_to_write_to_the_matter_ends(
    shop: MailShop, post: PostOffice
) -> None:
    await ada(shop)
    stranger, *_ = await shop.shop.wallets(1, 500)
    mute = await shop.customer("cus_mute", name="Mute", email=None, locale=Locale.TURKISH)
    await shop.shop.tell(TopUp(mute, lira(100)))
    await shop.perform(post.url)
    assert shop.told() == [("done", "no customer record"), ("done", "no address")]
    await shop.shop.tell(TopUp(stranger, lira(100)))
    await shop.perform(None)
    assert shop.told()[-1] == ("done", "no mail server is set")
    assert post.mails == []


async def test_what_happened_where_nobody_wanted_receipts_is_never_mailed(
    shop: MailShop, post: PostOffice
) -> None:
    early, *_ = await shop.shop.wallets(1, 500)
    await shop.perform(post.url)
    wallet = await ada(shop)
    await shop.shop.tell(TopUp(wallet, lira(100)))
    await shop.shop.tell(ChooseReceipts(mailed=False))
    await shop.shop.tell(TopUp(wallet, lira(200)))
    await shop.shop.tell(TopUp(early, lira(200)))
    await shop.shop.tell(ChooseReceipts(mailed=True))
    await shop.shop.tell(TopUp(wallet, lira(300)))
    await shop.perform(post.url)
    amounts = {mail["Subject"].rpartition(": ")[2] for mail in post.mails}
    assert amounts == {"1,00 TRY", "3,00 TRY"}
    assert len(shop.filed("waiting", "done", "dead")) == 2


async def test_who_was_forgotten_gets_nothing(shop: MailShop, post: PostOffice) -> None:
    wallet = await ada(shop)
    await shop.shop.tell(TopUp(wallet, lira(100)))
    tenant = shop.shop.tenant_id
    shop.shop.ask("DELETE FROM defter.subject_keys WHERE tenant_id = %s RETURNING 1", tenant)
    await shop.perform(post.url)
    assert shop.told() == [("done", "no address: the customer was forgotten")]


async def test_a_killed_worker_s_mail_comes_again_under_the_same_message_id(
    shop: MailShop, post: PostOffice
) -> None:
    wallet = await ada(shop)
    await shop.shop.tell(TopUp(wallet, lira(100)))
    await shop.follow()
    [effect_id] = shop.filed("waiting")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DEFTER_MASTER_KEYS": MASTER_KEY_TEXT}
    environment |= {"DATABASE_URL": shop.shop.database_url, "REDIS_URL": shop.redis_url}
    environment |= {"DEFTER_SMTP_URL": post.url, "DEFTER_MAIL_FROM": "no-reply@mail.example"}
    program = [sys.executable, str(Path(__file__).parent / "one_worker.py")]
    worker = await asyncio.create_subprocess_exec(
        *program, str(shop.shop.tenant_id), str(effect_id), env=environment
    )

    def kill() -> str:
        os.kill(worker.pid, signal.SIGKILL)  # it has handed the mail over, and never hears so
        return ACCEPTED

    post.at_data = kill
    assert await worker.wait() == -signal.SIGKILL
    post.at_data = lambda: ACCEPTED
    await until(lambda: len(post.mails) == 1)
    query = "UPDATE defter.effects SET leased_until = now() WHERE effect_id = %s RETURNING 1"
    shop.shop.ask(query, effect_id)
    await shop.perform(post.url)
    first, second = post.mails
    assert first["Message-ID"] == second["Message-ID"] == f"<{effect_id}@mail.example>"
    assert shop.told() == [("done", "250")]


async def test_nothing_personal_stands_in_any_table_or_log(
    shop: MailShop, post: PostOffice, capfd: pytest.CaptureFixture[str]
) -> None:
    wallet = await ada(shop, name=CANARY)
    await shop.shop.tell(TopUp(wallet, lira(100)))
    post.at_recipient = lambda address: f"450 4.2.0 <{address}> busy"
    await shop.perform(post.url)
    post.at_recipient = lambda address: f"550 5.1.1 <{address}> unknown"
    await shop.perform(post.url)
    async with await connect(shop.shop.database_url) as connection:
        assert await catch_up(connection, shop.shop.tenant_id) == ()
    seen = dump(shop.shop.database_url)
    assert "users.address_bounced" in seen
    assert "(cus_ada1," in seen or ",cus_ada1," in seen
    assert CANARY not in seen
    logged = capfd.readouterr()
    assert "effect_dead" in logged.out
    assert CANARY not in logged.out + logged.err


def test_every_movement_that_is_due_a_receipt_has_its_words_in_every_language() -> None:
    assert set(TITLES) == set(RECEIPT_DUE)
    assert all(set(titles) == set(Locale) for titles in TITLES.values())
