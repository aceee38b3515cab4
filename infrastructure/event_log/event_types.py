"""Every stored event type, ordered by context, and the upcasters between their schemas."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.audit import events as audit
from domain.catalog import events as catalog
from domain.catalog import variant_events as variants
from domain.catalog.imports import events as imports
from domain.catalog.sorting import events as sorting
from domain.catalog.tags import events as tags
from domain.channels import events as channels
from domain.identity import events as identity
from domain.jobs import events as jobs
from domain.kernel.events import Event
from domain.ledger import events as ledger
from domain.notifications import events as notifications
from domain.pricing import events as pricing
from domain.search import events as search
from domain.stock import events as stock
from domain.stock import reservation_events as reserved
from domain.stock import stock_take_events as stock_takes
from domain.stock import watch_events as watches
from domain.tenants import events as tenants
from domain.users import consent_events
from domain.users import events as users
from domain.wallet import bonus_events, standing_events
from domain.wallet import events as wallet
from domain.wallet.gifts import events as gifts
from domain.wallet.limits import events as limits
from domain.wallet.requests import adjustment_events
from domain.wallet.requests import events as requests

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

EVENT_TYPES: Mapping[str, type[Event]] = {
    kind.NAME: kind
    for kind in (
        wallet.SchemeChosen,
        wallet.WalletOpened,
        standing_events.WalletFrozen,
        standing_events.WalletUnfrozen,
        standing_events.WalletClosed,
        wallet.FundsToppedUp,
        wallet.FundsCredited,
        wallet.IncomeReversed,
        bonus_events.BonusGranted,
        bonus_events.BonusExpiryWarned,
        bonus_events.BonusExpired,
        bonus_events.BonusTakenBack,
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
        requests.ApprovalThresholdSet,
        requests.StepUpThresholdSet,
        requests.WithdrawalHeld,
        requests.WithdrawalReleased,
        requests.HeldFundsPaidOut,
        requests.PayoutReturned,
        requests.TopUpRequested,
        requests.TopUpApproved,
        requests.TopUpRejected,
        requests.TopUpCancelled,
        requests.TopUpRequestExpired,
        requests.WithdrawalRequested,
        requests.WithdrawalApproved,
        requests.WithdrawalRejected,
        requests.WithdrawalCancelled,
        requests.WithdrawalExpired,
        requests.WithdrawalPaid,
        requests.WithdrawalTurnedDown,
        requests.WithdrawalBounced,
        adjustment_events.AdjustmentCredited,
        adjustment_events.AdjustmentHeld,
        adjustment_events.AdjustmentReleased,
        adjustment_events.AdjustmentDebited,
        adjustment_events.AdjustmentRequested,
        adjustment_events.AdjustmentApproved,
        adjustment_events.AdjustmentRejected,
        adjustment_events.AdjustmentCancelled,
        adjustment_events.AdjustmentExpired,
        gifts.GiftCardIssued,
        gifts.GiftCardRedeemed,
        gifts.GiftCardExpired,
        gifts.GiftCardVoided,
        gifts.GiftReceived,
        limits.LimitsSet,
        limits.LevelSet,
        limits.UsageCounted,
        ledger.BooksOpened,
        ledger.AccountOpened,
        ledger.ClosingStarted,
        ledger.ClosingCancelled,
        ledger.PeriodSealed,
        ledger.ReopeningRequested,
        ledger.PeriodReopened,
        ledger.EntryPosted,
        ledger.EntryReversed,
        identity.AccountOpened,
        identity.LoginChanged,
        identity.EmailVerified,
        identity.PasswordSet,
        identity.RolesAssigned,
        identity.AccountSuspended,
        identity.AccountReactivated,
        identity.AccountClosed,
        identity.SessionBegun,
        identity.SessionEnded,
        identity.SteppedUp,
        identity.LinkRequested,
        identity.RoleDefined,
        identity.RoleRemoved,
        users.CustomerRegistered,
        users.ContactChanged,
        users.AddressBounced,
        users.PersonErased,
        users.LanguageChosen,
        users.ThemeChosen,
        users.NotificationsChosen,
        users.PrivacyChosen,
        consent_events.ConsentTextPublished,
        consent_events.ConsentGiven,
        consent_events.ConsentWithdrawn,
        tenants.TenantCreated,
        tenants.TenantSuspended,
        tenants.TenantReactivated,
        tenants.DomainMapped,
        tenants.StaffAdded,
        tenants.StaffSuspended,
        tenants.StaffReactivated,
        tenants.KeyIssued,
        tenants.KeyRevoked,
        tenants.KeyExpirySet,
        tenants.SettingsChanged,
        tenants.ClockAdvanced,
        catalog.ProductCreated,
        catalog.ProductDescribed,
        catalog.SlugChanged,
        catalog.ProductClassified,
        catalog.TaxClassChosen,
        catalog.OriginStated,
        catalog.AttributesSet,
        catalog.MediaArranged,
        catalog.RelatedChosen,
        catalog.RestrictionsSet,
        catalog.ChannelsChosen,
        catalog.ProductScheduled,
        catalog.SchedulingCancelled,
        catalog.ProductPublished,
        catalog.ProductUnpublished,
        catalog.ProductArchived,
        catalog.ProductRestored,
        catalog.ProductDeleted,
        imports.ImportAsked,
        imports.ImportCancelled,
        variants.OptionsChosen,
        variants.VariantAdded,
        variants.VariantChanged,
        variants.VariantRetired,
        sorting.CategoryAdded,
        sorting.CategoryRenamed,
        sorting.CategoryMoved,
        sorting.CategoryRemoved,
        sorting.BrandAdded,
        sorting.BrandRenamed,
        sorting.BrandRemoved,
        sorting.ProductTypeDefined,
        sorting.UseChanged,
        sorting.CollectionDefined,
        sorting.CollectionRemoved,
        tags.TagBound,
        tags.TagRead,
        tags.TagCloneSuspected,
        tags.TagUnbound,
        stock.LocationOpened,
        stock.LocationRenamed,
        stock.LocationClosed,
        stock.LocationReopened,
        stock.LocationUseChanged,
        stock.LocationsRanked,
        stock.StockMoved,
        stock.StockReserved,
        stock.StockReleased,
        stock.ReservedStockIssued,
        stock.StockPolicySet,
        stock.StockLevelCrossed,
        reserved.ReservationPlaced,
        reserved.ReservationExtended,
        reserved.ReservationIssued,
        reserved.ReservationReleased,
        reserved.ReservationExpired,
        stock_takes.StockTakeStarted,
        stock_takes.StockCounted,
        stock_takes.StockTakeClosed,
        stock_takes.StockTakeCancelled,
        watches.WatchingBegun,
        watches.WatchBegun,
        watches.WatchAsked,
        watches.WatchConfirmed,
        watches.WatcherNotified,
        watches.WatchEnded,
        pricing.PriceListDefined,
        pricing.PriceSet,
        pricing.PriceScheduled,
        pricing.PriceBegan,
        pricing.PriceEnded,
        pricing.ScheduleCancelled,
        pricing.KdvRateSet,
        search.SynonymsSet,
        notifications.ReceiptsChosen,
        channels.EndpointRegistered,
        channels.EndpointChanged,
        channels.SecretRotated,
        channels.EndpointDeactivated,
        channels.EndpointActivated,
        channels.EndpointRemoved,
        channels.EndpointPinged,
        channels.ReplayAsked,
        jobs.RetryAsked,
        jobs.DiscardAsked,
        audit.PersonalDataRead,
        audit.AuditRead,
        audit.AccessGranted,
        audit.AccessRevoked,
    )
}


def _without_expiry(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "expires_at": None}


def _without_bonus(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "bonus": []}


def _without_phone(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "phone": None, "phone_key": None}


def _without_phones(fields: dict[str, Any]) -> dict[str, Any]:
    return {**_without_phone(fields), "former_phone_key": None}


def _nothing_more_said(fields: dict[str, Any]) -> dict[str, Any]:
    return fields


UPCASTERS: Mapping[tuple[str, int], Upcaster] = {
    (wallet.FundsHeld.NAME, 1): _without_bonus,
    (wallet.HeldFundsReleased.NAME, 1): _without_bonus,
    (wallet.CaptureRefunded.NAME, 1): _without_bonus,
    (wallet.HoldPlaced.NAME, 1): _without_expiry,
    (wallet.HoldPlaced.NAME, 2): _without_bonus,
    (wallet.HoldCaptured.NAME, 1): _without_bonus,
    (wallet.HoldRefunded.NAME, 1): _without_bonus,
    (users.CustomerRegistered.NAME, 1): _without_phone,
    (users.ContactChanged.NAME, 1): _without_phones,
    (catalog.ProductCreated.NAME, 1): _nothing_more_said,
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
