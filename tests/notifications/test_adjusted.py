"""WLT-12, NTF-01: who is adjusted hears of it when the money moved, and not of what was asked."""

import pytest

from application.envelope import Actor
from application.wallet.requests.adjusting import RequestAdjustment
from application.wallet.requests.deciding import ApproveRequest
from application.wallet.topups import TopUp
from domain.users.customer import Locale
from domain.wallet.requests.adjustments import Direction, ReasonCode
from tests.event_log.shop import lira
from tests.notifications.post import MailShop, PostOffice

CHECKER = Actor("stf_umut")


@pytest.mark.row("WLT-12")
@pytest.mark.row("NTF-01")
@pytest.mark.parametrize(
    ("locale", "subjects"),
    [
        (
            Locale.ENGLISH,
            {
                "Money was added to your wallet: TRY 10.00",
                "The shop adjusted your wallet and added: TRY 2.50",
                "The shop adjusted your wallet and took: TRY 2.50",
            },
        ),
        (
            Locale.TURKISH,
            {
                "Cüzdanınıza para yüklendi: 10,00 TRY",
                "Mağaza cüzdanınıza bir düzeltme ekledi: 2,50 TRY",
                "Mağaza cüzdanınızdan bir düzeltme düştü: 2,50 TRY",
            },
        ),
    ],
)
async def test_what_staff_adjusted_is_told_and_what_they_only_asked_for_is_not(
    shop: MailShop, post: PostOffice, locale: Locale, subjects: set[str]
) -> None:
    wallet = await shop.customer("cus_ada1", name="Ada", email="ada@ada.example", locale=locale)
    await shop.shop.tell(TopUp(wallet, lira(1_000)))
    for direction in Direction:
        asked = RequestAdjustment(wallet, lira(250), direction, ReasonCode.CORRECTION, "canary")
        name = (await shop.shop.tell(asked))["request_id"]
        await shop.shop.tell(asked)  # nobody decides this one
        await shop.shop.tell(ApproveRequest(name), actor=CHECKER)
    await shop.perform(post.url)
    assert {mail["Subject"] for mail in post.mails} == subjects
    assert len(post.mails) == 3
    assert not any("canary" in mail.as_string() for mail in post.mails)
