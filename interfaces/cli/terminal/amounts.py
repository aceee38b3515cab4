"""Amounts for people: minor units written with the decimals that ISO 4217 gives the currency."""

from decimal import ROUND_DOWN, Decimal, InvalidOperation
from functools import lru_cache

from iso4217 import Currency

from domain.kernel.money import AMOUNT_MINOR_MAX
from interfaces.cli.terminal.exits import Exit, Stopped


@lru_cache
def exponent(currency: str) -> int:
    """Give the number of decimals of a currency; a code that has none counts whole units."""
    try:
        return Currency(currency).exponent or 0
    except ValueError as unknown:
        raise Stopped(f"{currency!r} is no ISO 4217 currency", code=Exit.USAGE) from unknown


def decimal_of(minor: int, currency: str) -> Decimal:
    """Give an amount in whole units, exactly, with the decimals of its currency."""
    return Decimal(minor).scaleb(-exponent(currency))


def written(minor: int, currency: str) -> str:
    """Write an amount for a table."""
    return f"{decimal_of(minor, currency):,}"


def minor_of(text: str, currency: str) -> int:
    """Read an amount as a person writes it, such as 12.50; raises `Stopped` for what is none."""
    try:
        amount = Decimal(text)
        minor = amount.scaleb(exponent(currency))
        whole = minor.to_integral_value(rounding=ROUND_DOWN)
    except InvalidOperation as wrong:
        raise Stopped(f"{text!r} is no amount", code=Exit.USAGE, then="write 12.50") from wrong
    if not amount.is_finite() or whole != minor or not 1 <= whole <= AMOUNT_MINOR_MAX:
        raise Stopped(
            f"{text!r} is no amount of {currency}",
            code=Exit.USAGE,
            then=f"it is positive and has {exponent(currency)} decimals at most",
        )
    return int(whole)
