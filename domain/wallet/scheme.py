"""Under which law a tenant's wallets run."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.kernel.refusals import RuleBroken
from domain.wallet.events import SchemeChosen


class TransfersNotLicensed(RuleBroken):
    """A closed-loop wallet pays the shop only; transfers need a licence (Turkish Law 6493)."""

    code = "wallet.transfers_not_licensed"


class WithdrawalsNotLicensed(RuleBroken):
    """A closed-loop wallet pays the shop only; cash-out needs a licence (Turkish Law 6493)."""

    code = "wallet.withdrawals_not_licensed"


class SchemeMode(StrEnum):
    """`closed_loop` keeps money between a customer and the shop; `licensed` lets it move."""

    CLOSED_LOOP = "closed_loop"
    LICENSED = "licensed"


@dataclass(frozen=True, slots=True)
class Scheme:
    """The tenant's choice."""

    CATEGORY: ClassVar[str] = "wallet_scheme"
    FOLD_VERSION: ClassVar[int] = 1

    mode: SchemeMode

    @classmethod
    def evolve(cls, state: "Scheme | None", event: SchemeChosen) -> "Scheme":  # noqa: ARG003 - the last choice counts
        return cls(SchemeMode(event.mode))


def choose(scheme: Scheme | None, mode: SchemeMode) -> tuple[SchemeChosen, ...]:
    """Choose a scheme; choosing the present one again changes nothing."""
    if scheme is not None and scheme.mode is mode:
        return ()
    return (SchemeChosen(mode.value),)


def check_transfers_licensed(scheme: Scheme | None) -> None:
    """Refuse what only a licensed scheme may do; without a choice the scheme is closed."""
    if not _licensed(scheme):
        raise TransfersNotLicensed("this tenant's wallets are closed-loop: transfers are off")


def check_withdrawals_licensed(scheme: Scheme | None) -> None:
    """Refuse to pay out what a closed-loop scheme keeps with the shop."""
    if not _licensed(scheme):
        raise WithdrawalsNotLicensed("this tenant's wallets are closed-loop: withdrawals are off")


def _licensed(scheme: Scheme | None) -> bool:
    return scheme is not None and scheme.mode is SchemeMode.LICENSED
