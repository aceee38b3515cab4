"""Redeem a gift card. Who guesses codes is stopped: wrong ones are counted."""

import asyncio
from typing import Annotated, Any
from weakref import WeakValueDictionary

import msgspec
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from application.permissions import Permission
from application.sending import Outcome
from application.wallet.gift_cards import RedeemGiftCard, RedemptionResult
from domain.wallet.gifts.cards import GiftCardNotFound
from infrastructure.redis.quota import Rate
from infrastructure.wallet.gift_codes import WRITTEN_LENGTH_MAX, hashes_of, read
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.command import CommandRoute
from interfaces.http.wire.fields import Amount, Body, money_or_none
from interfaces.http.wire.problems import Problem

GUESSES_SECONDS = 15 * 60
GUESSES_PER_CALLER = Rate(10 / GUESSES_SECONDS, burst=10)
GUESSES_PER_TENANT = Rate(1_000 / GUESSES_SECONDS, burst=1_000)
"""How many wrong codes are looked up: at once, and then by and by in a quarter of an hour."""


def _code(text: str) -> str:
    code = read(text)
    if code is None:
        raise PydanticCustomError("field.wrong_format", "this is no gift code; was it mistyped?")
    return code


Code = Annotated[
    str,
    Field(
        max_length=WRITTEN_LENGTH_MAX,
        description="As it was shown; case, spaces and hyphens do not matter",
        examples=["7Q2K-MX4D-9FHT-B3C5"],
    ),
    AfterValidator(_code),
]


class RedeemBody(Body):
    """The code, and how much of the card; without an amount, all that is left."""

    code: Code
    amount: Amount | None = None


class RedeemRoute(CommandRoute[RedeemBody]):
    """A caller has one attempt at a time, so that no crowd of guesses runs ahead of the count."""

    def __init__(self, *declared: Any, **more: Any) -> None:  # noqa: ANN401 - as the base
        super().__init__(*declared, **more)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def respond(self, exchange: Exchange) -> None:
        """Parse, look the code up unless the caller guessed too often, answer."""
        asked, fields = await self.parse(exchange)
        principal, quota = exchange.principal, exchange.services.quota
        tenant_id = principal.tenant_id
        hashes = hashes_of(exchange.services.settings.master_key_bytes, tenant_id, asked.body.code)
        command = RedeemGiftCard(asked.path["wallet_id"], hashes, money_or_none(asked.body.amount))
        envelope = self.envelope(asked, fields, command)
        tenant = f"gift:{tenant_id}"
        caller = f"{tenant}:{exchange.on_behalf_of or principal.key_id}"
        counts = ((caller, GUESSES_PER_CALLER), (tenant, GUESSES_PER_TENANT))
        turn = self._turns.setdefault(caller, asyncio.Lock())
        async with turn:
            for key, rate in counts:
                standing = await quota.look(key, rate)
                if not standing.allowed:
                    raise _too_many(standing.reset_seconds)
            outcome = await exchange.services.sender.send(envelope)
            if _wrong(outcome):
                for key, rate in counts:
                    await quota.spend(key, rate)
        await self.answer(asked, outcome)


def _wrong(outcome: Outcome) -> bool:
    if not outcome.refused or outcome.replayed:
        return False
    return msgspec.json.decode(outcome.body)["code"] == GiftCardNotFound.code


def _too_many(seconds: int) -> Problem:
    return Problem(
        429,
        "wallet.gift_card_guesses_exceeded",
        "too many wrong gift codes; come again a little later",
        headers=((b"retry-after", b"%d" % seconds),),
    )


REDEEM = RedeemRoute(
    "/api/wallet/{wallet_id}/gift-cards/redeem",
    RedeemGiftCard,
    RedeemBody,
    permission=Permission.WALLET_GIFT_REDEEM,
    result=RedemptionResult,
    summary="Redeem a gift card into a wallet, in whole or in part",
)
