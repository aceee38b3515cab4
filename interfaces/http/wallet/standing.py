"""Freeze, unfreeze and close wallets."""

from application.permissions import Permission
from application.wallet.standing import CloseWallet, FreezeWallet, StandingResult, UnfreezeWallet
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import Body, Text


class FreezeBody(Body):
    """Why money must not leave."""

    reason: Text


class ReasonBody(Body):
    """Why."""

    reason: Text | None = None


def _freeze(asked: Asked[FreezeBody]) -> FreezeWallet:
    return FreezeWallet(asked.path["wallet_id"], asked.body.reason)


def _unfreeze(asked: Asked[ReasonBody]) -> UnfreezeWallet:
    return UnfreezeWallet(asked.path["wallet_id"], asked.body.reason)


def _close(asked: Asked[ReasonBody]) -> CloseWallet:
    return CloseWallet(asked.path["wallet_id"], asked.body.reason)


FREEZE = CommandRoute(
    "/api/wallet/{wallet_id}/freeze",
    FreezeWallet,
    FreezeBody,
    _freeze,
    permission=Permission.WALLET_FREEZE,
    result=StandingResult,
    summary="Freeze a wallet",
    moves_money=False,
    staff_only=True,
)

UNFREEZE = CommandRoute(
    "/api/wallet/{wallet_id}/unfreeze",
    UnfreezeWallet,
    ReasonBody,
    _unfreeze,
    permission=Permission.WALLET_FREEZE,
    result=StandingResult,
    summary="Let a frozen wallet be used again",
    moves_money=False,
    staff_only=True,
)

CLOSE = CommandRoute(
    "/api/wallet/{wallet_id}/close",
    CloseWallet,
    ReasonBody,
    _close,
    permission=Permission.WALLET_FREEZE,
    result=StandingResult,
    summary="Close an empty wallet for good",
    moves_money=False,
    staff_only=True,
)
