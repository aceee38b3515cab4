"""Every stored event type, ordered by context, and the upcasters between their schemas."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.channels import events as channels
from domain.kernel.events import Event
from domain.ledger import events as ledger
from domain.tenants import events as tenants
from domain.wallet import events as wallet

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

EVENT_TYPES: Mapping[str, type[Event]] = {
    kind.NAME: kind
    for kind in (
        wallet.SchemeChosen,
        wallet.WalletOpened,
        wallet.FundsToppedUp,
        wallet.FundsCredited,
        wallet.IncomeReversed,
        wallet.FundsHeld,
        wallet.HeldFundsCaptured,
        wallet.HeldFundsReleased,
        wallet.CaptureRefunded,
        wallet.TransferSent,
        wallet.TransferReceived,
        wallet.TransferReturned,
        wallet.TransferTakenBack,
        wallet.HoldPlaced,
        wallet.HoldCaptured,
        wallet.HoldReleased,
        wallet.HoldExpired,
        wallet.HoldRefunded,
        ledger.BooksOpened,
        ledger.AccountOpened,
        ledger.EntryPosted,
        ledger.EntryReversed,
        tenants.TenantCreated,
        tenants.DomainMapped,
        tenants.StaffAdded,
        tenants.KeyIssued,
        tenants.KeyRevoked,
        tenants.KeyExpirySet,
        tenants.ClockAdvanced,
        channels.EndpointRegistered,
        channels.EndpointChanged,
        channels.SecretRotated,
        channels.EndpointDeactivated,
        channels.EndpointActivated,
        channels.EndpointRemoved,
        channels.EndpointPinged,
        channels.ReplayAsked,
    )
}


def _without_expiry(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "expires_at": None}


UPCASTERS: Mapping[tuple[str, int], Upcaster] = {
    (wallet.HoldPlaced.NAME, 1): _without_expiry,
}
"""From (stored name, schema n) to the fields of schema n + 1."""


def check_upcasters(
    types: Mapping[str, type[Event]] = EVENT_TYPES,
    upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
) -> None:
    """Refuse to start where a stored schema could not be read any more, or an upcaster is idle."""
    needed = {(name, schema) for name, kind in types.items() for schema in range(1, kind.SCHEMA)}
    odd = sorted(needed ^ set(upcasters))
    if odd:
        raise RuntimeError(f"upcasters missing or without a use: {odd}")
