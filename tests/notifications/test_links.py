"""IAM-06, IAM-08: links reach a real mail server, and their secrets stand nowhere else."""

import re
from email.message import EmailMessage
from uuid import uuid4

import pytest

from application.envelope import Actor, Envelope
from application.identity.accounts import OpenAccount, Register
from application.identity.links import RequestLink
from application.identity.logins import EmailAddress
from application.processes.mailed_links import MAILED_LINK
from application.tenants.settings import ChangeSettings
from application.tenants.tenants import PLATFORM
from application.users.customers import ChangeContact
from domain.identity.account import Kind
from domain.identity.accounts import LinkPurpose
from domain.tenants.settings import Branding
from domain.users.customer import Locale
from infrastructure.identity import credentials, mailed_links
from infrastructure.identity.mailed_links import Link
from infrastructure.identity.vault import Vault
from tests.notifications.post import MailShop, PostOffice

ADA = "cus_ada1"
EMAIL = EmailAddress("canary@ada.example", "key-of-ada")
DENIZ = EmailAddress("deniz@shop.example", "key-of-deniz")


async def register(shop: MailShop, *, locale: Locale = Locale.TURKISH) -> None:
    vault = Vault(shop.shop.database_url)
    await vault.open()
    async with vault.tenant(shop.shop.tenant_id) as connection:
        await credentials.keep(connection, shop.shop.tenant_id, ADA, "a hash")
    await vault.close()
    await shop.shop.tell(Register(ADA, "Ada Öz", EMAIL, locale))


async def set_branding(shop: MailShop, branding: Branding) -> None:
    command = ChangeSettings(str(shop.shop.tenant_id), branding)
    envelope = Envelope(PLATFORM, uuid4(), bytes(32), command, Actor("stf_deniz"), "told")
    outcome = await shop.shop.writer.send(envelope)
    assert not outcome.refused, outcome


async def post_links(shop: MailShop, post: PostOffice) -> list[EmailMessage]:
    before = len(post.mails)
    await shop.perform(post.url, MAILED_LINK)
    return post.mails[before:]


def text_of(mail: EmailMessage, part: str = "plain") -> str:
    body = mail.get_body((part,))
    assert body is not None
    return body.get_content()


def secret_in(mail: EmailMessage) -> str:
    found = re.search(r"http://localhost:8000/account/[a-z]+#token=(dml_[\w-]{43})", text_of(mail))
    assert found is not None
    return found[1]


async def used(shop: MailShop, secret: str, purpose: LinkPurpose) -> Link | None:
    vault = Vault(shop.shop.database_url)
    await vault.open()
    async with vault.tenant(shop.shop.tenant_id) as connection:
        link = await mailed_links.use(connection, shop.shop.tenant_id, secret, (purpose,))
    await vault.close()
    return link


@pytest.mark.row("IAM-08")
async def test_who_registers_gets_a_link_to_verify_their_address(
    shop: MailShop, post: PostOffice
) -> None:
    await register(shop)
    [mail] = await post_links(shop, post)
    assert mail["To"] == "Ada Öz <canary@ada.example>"
    assert mail["From"] == "Kitap Evi <no-reply@mail.example>"
    assert mail["Subject"] == "E-posta adresinizi doğrulayın"
    assert "24 saat" in text_of(mail)
    assert secret_in(mail) in text_of(mail, "html")
    wrong = await used(shop, secret_in(mail), LinkPurpose.RESET)
    right = await used(shop, secret_in(mail), LinkPurpose.VERIFICATION)
    assert (wrong, right) == (None, Link(ADA, EMAIL.key))


@pytest.mark.parametrize("given", ["https://kitap.example", "https://kitap.example/tr/"])
async def test_links_lead_to_the_shop_of_a_tenant_that_has_set_one(
    shop: MailShop, post: PostOffice, given: str
) -> None:
    await set_branding(shop, Branding(shop_url=given))
    await register(shop)
    [mail] = await post_links(shop, post)
    for part in ("plain", "html"):
        assert f"{given.rstrip('/')}/account/verify#token=dml_" in text_of(mail, part)
        assert "localhost" not in text_of(mail, part)


@pytest.mark.row("IAM-06")
async def test_who_forgot_the_password_gets_a_link_to_reset_it(
    shop: MailShop, post: PostOffice
) -> None:
    await register(shop, locale=Locale.ENGLISH)
    await post_links(shop, post)
    await shop.shop.tell(RequestLink(EMAIL.key, LinkPurpose.RESET))
    [mail] = await post_links(shop, post)
    assert mail["Subject"] == "Reset your password"
    assert "30 minutes" in text_of(mail)
    assert await used(shop, secret_in(mail), LinkPurpose.RESET) == Link(ADA, EMAIL.key)


async def test_whose_account_staff_opened_chooses_a_password(
    shop: MailShop, post: PostOffice
) -> None:
    await shop.shop.tell(OpenAccount("stf_deniz", Kind.STAFF, DENIZ, ("finance",)))
    [mail] = await post_links(shop, post)
    assert mail["Subject"] == "Parolanızı belirleyin"
    assert "72 saat" in text_of(mail)
    link = await used(shop, secret_in(mail), LinkPurpose.INVITATION)
    assert link == Link("stf_deniz", DENIZ.key)


async def test_the_secret_of_a_link_stands_neither_in_the_log_nor_among_the_effects(
    shop: MailShop, post: PostOffice
) -> None:
    await register(shop)
    [mail] = await post_links(shop, post)
    secret = secret_in(mail)
    for table in ("events", "effects", "effect_attempts", "mailed_links", "commands"):
        rows = shop.shop.ask(f"SELECT one::text FROM defter.{table} one")  # noqa: S608 - a table
        assert not [row for (row,) in rows if secret in row or "canary" in row]


async def test_a_mail_that_is_sent_again_has_a_link_of_its_own_and_the_first_stays_good(
    shop: MailShop, post: PostOffice
) -> None:
    await register(shop)
    [first] = await post_links(shop, post)
    shop.shop.ask("UPDATE defter.effects SET state = 'waiting', settled_at = NULL RETURNING 1")
    [second] = await post_links(shop, post)
    assert secret_in(first) != secret_in(second)
    assert first["Message-ID"] == second["Message-ID"]
    assert await used(shop, secret_in(first), LinkPurpose.VERIFICATION) is not None


async def test_an_address_that_takes_no_mail_is_noted(shop: MailShop, post: PostOffice) -> None:
    post.at_recipient = lambda _address: "550 5.1.1 no such mailbox"
    await register(shop)
    await post_links(shop, post)
    noted = shop.shop.ask("SELECT 1 FROM defter.events WHERE type = 'users.address_bounced'")
    assert len(noted) == 1


async def test_a_link_for_an_address_that_was_left_is_not_sent(
    shop: MailShop, post: PostOffice
) -> None:
    await register(shop)
    await shop.follow()
    moved = EmailAddress("new@ada.example", "key-of-new")
    await shop.shop.tell(ChangeContact(ADA, "Ada Öz", moved, Locale.TURKISH))
    [mail] = await post_links(shop, post)
    assert post.recipients == ["new@ada.example"]
    assert await used(shop, secret_in(mail), LinkPurpose.VERIFICATION) == Link(ADA, "key-of-new")
