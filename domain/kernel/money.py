"""Money: whole minor units of one currency, never a float."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.kernel.refusals import Invalid

AMOUNT_MINOR_MAX = 2**53 - 1
"""The largest amount a command may name: what every JSON reader keeps exactly (RFC 7493)."""

CURRENCY_LETTERS = 3


class CurrencyMismatch(Invalid):
    """Two amounts of different currencies met."""

    code = "money.currency_mismatch"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (kuruş, cents) of an ISO 4217 currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are whole numbers, not {self.minor!r}")
        if len(self.currency) != CURRENCY_LETTERS:
            raise ValueError(f"an ISO 4217 code has three letters, not {self.currency!r}")

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same_currency(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same_currency(other)
        return self.minor <= other.minor

    def split(self, weights: Sequence[int]) -> tuple["Money", ...]:
        """Share this amount by `weights`, nothing lost: the largest remainders get the rest.

        Equal remainders are served in order. Negative amounts mirror positive ones.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights are not negative and at least one is positive")
        sign = -1 if self.minor < 0 else 1
        shares = [divmod(abs(self.minor) * weight, total) for weight in weights]
        left = abs(self.minor) - sum(whole for whole, _ in shares)
        first = sorted(range(len(shares)), key=lambda n: (-shares[n][1], n))[:left]
        return tuple(
            Money(sign * (whole + (n in first)), self.currency)
            for n, (whole, _) in enumerate(shares)
        )

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(
                f"{self.currency} and {other.currency} can not be put together",
                expected=self.currency,
                found=other.currency,
            )


def zero(currency: str) -> Money:
    """No money of a currency."""
    return Money(0, currency)
