"""What mail says, in the languages of customers."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from iso4217 import Currency

from domain.identity.accounts import LinkPurpose
from domain.kernel.events import Event
from domain.kernel.money import Money
from domain.users.customer import Locale
from domain.wallet.bonus_events import BonusExpiryWarned
from domain.wallet.events import (
    CaptureRefunded,
    FundsCredited,
    FundsToppedUp,
    HeldFundsCaptured,
    IncomeReversed,
    TransferReceived,
    TransferReturned,
    TransferSent,
    TransferTakenBack,
)
from domain.wallet.requests.adjustment_events import AdjustmentCredited, AdjustmentDebited

TITLES: Mapping[type[Event], Mapping[Locale, str]] = {
    kind: {Locale.TURKISH: turkish, Locale.ENGLISH: english}
    for kind, turkish, english in (
        (FundsToppedUp, "Cüzdanınıza para yüklendi", "Money was added to your wallet"),
        (FundsCredited, "Mağaza cüzdanınıza para aktardı", "The shop credited your wallet"),
        (
            IncomeReversed,
            "Cüzdanınıza giren bir tutar geri alındı",
            "An amount was taken back from your wallet",
        ),
        (HeldFundsCaptured, "Cüzdanınızdan ödeme yapıldı", "You paid from your wallet"),
        (
            CaptureRefunded,
            "Ödemeniz cüzdanınıza iade edildi",
            "A payment was refunded to your wallet",
        ),
        (TransferSent, "Cüzdanınızdan para gönderildi", "You sent money from your wallet"),
        (TransferReceived, "Cüzdanınıza para geldi", "Your wallet received money"),
        (
            TransferReturned,
            "Size gelen bir transfer geri alındı",
            "A transfer to you was taken back",
        ),
        (
            TransferTakenBack,
            "Gönderdiğiniz bir transfer geri döndü",
            "A transfer of yours came back",
        ),
        (
            AdjustmentCredited,
            "Mağaza cüzdanınıza bir düzeltme ekledi",
            "The shop adjusted your wallet and added",
        ),
        (
            AdjustmentDebited,
            "Mağaza cüzdanınızdan bir düzeltme düştü",
            "The shop adjusted your wallet and took",
        ),
        (BonusExpiryWarned, "Bonusunuz yakında sona eriyor", "Your bonus ends soon"),
    )
}

LINK_TITLES: Mapping[LinkPurpose, Mapping[Locale, str]] = {
    purpose: {Locale.TURKISH: turkish, Locale.ENGLISH: english}
    for purpose, turkish, english in (
        (LinkPurpose.VERIFICATION, "E-posta adresinizi doğrulayın", "Verify your e-mail address"),
        (LinkPurpose.RESET, "Parolanızı sıfırlayın", "Reset your password"),
        (LinkPurpose.INVITATION, "Parolanızı belirleyin", "Choose your password"),
    )
}
WATCH_TITLES: Mapping[str, Mapping[Locale, str]] = {
    "watch_link": {
        Locale.TURKISH: "Gelince haber verelim mi",
        Locale.ENGLISH: "Shall we tell you when it is back",
    },
    "watch_notice": {Locale.TURKISH: "Yeniden stokta", Locale.ENGLISH: "Back in stock"},
}
"""By template."""

CHECKPOINT_TITLES: Mapping[Locale, str] = {
    Locale.TURKISH: "Defterin mührü, lütfen saklayın",
    Locale.ENGLISH: "Seal of the ledger, please keep it",
}
_UNITS = {
    Locale.TURKISH: ("saat", "dakika"),
    Locale.ENGLISH: ("hours", "minutes"),
}
_TURKISH_MARKS = str.maketrans(",.", ".,")


def amount_in(locale: Locale, amount: Money) -> str:
    """Write an amount with its currency's decimals: `1.234,50 TRY`, or `TRY 1,234.50`."""
    exponent = Currency(amount.currency).exponent or 0
    number = f"{Decimal(amount.minor).scaleb(-exponent):,}"
    if locale is Locale.TURKISH:
        return f"{number.translate(_TURKISH_MARKS)} {amount.currency}"
    return f"{amount.currency} {number}"


def moment_in(locale: Locale, moment: datetime, time_zone: str) -> str:
    """Write a moment in the tenant's time zone."""
    local = moment.astimezone(ZoneInfo(time_zone))
    turkish = locale is Locale.TURKISH
    return local.strftime("%d.%m.%Y %H:%M" if turkish else "%Y-%m-%d %H:%M") + f" ({time_zone})"


def span_in(locale: Locale, span: timedelta) -> str:
    """Write how long something lasts: `24 saat`, or `30 minutes`."""
    hours, minutes = _UNITS[locale]
    count = int(span.total_seconds() // 60)
    return f"{count} {minutes}" if count % 60 else f"{count // 60} {hours}"
