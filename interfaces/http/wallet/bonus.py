"""Grant bonus."""

from typing import Annotated

from pydantic import Field

from application.permissions import Permission
from application.wallet.bonus import BonusResult, GrantBonus
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import Amount, Body, Day, Moment

Campaign = Annotated[
    str,
    Field(
        pattern="^[0-9A-Za-z][0-9A-Za-z_.-]{0,63}$",
        description="The campaign it comes from, by your name for it",
        examples=["spring-2026"],
    ),
]


class BonusBody(Body):
    """What to grant, of which campaign; without `expires_at` it never ends."""

    amount: Amount
    campaign: Campaign
    expires_at: Moment | None = None
    effective_on: Day | None = None


def _grant(asked: Asked[BonusBody]) -> GrantBonus:
    body = asked.body
    return GrantBonus(
        asked.path["wallet_id"],
        body.amount.money(),
        body.campaign,
        body.expires_at,
        body.effective_on,
    )


GRANT = CommandRoute(
    "/api/wallet/{wallet_id}/bonus",
    GrantBonus,
    BonusBody,
    _grant,
    permission=Permission.WALLET_GRANT_BONUS,
    result=BonusResult,
    summary="Grant a customer bonus",
    staff_only=True,
)
