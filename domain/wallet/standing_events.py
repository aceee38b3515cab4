"""Whether a wallet may be used, as staff decided."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.events import Claim, Personal
from domain.wallet.events import OWNER_CLAIM, WalletEvent


@dataclass(frozen=True, slots=True)
class WalletFrozen(WalletEvent):
    """Money may come into the wallet, and none of it may leave."""

    NAME: ClassVar[str] = "wallet.frozen"

    wallet_id: str
    reason: Personal


@dataclass(frozen=True, slots=True)
class WalletUnfrozen(WalletEvent):
    """A frozen wallet may be used again."""

    NAME: ClassVar[str] = "wallet.unfrozen"

    wallet_id: str
    reason: Personal | None


@dataclass(frozen=True, slots=True)
class WalletClosed(WalletEvent):
    """An empty wallet ended, and its owner may have a new one in this currency."""

    NAME: ClassVar[str] = "wallet.closed"

    wallet_id: str
    owner: str
    currency: str
    reason: Personal | None

    def releases(self) -> tuple[Claim, ...]:
        return (Claim(OWNER_CLAIM, f"{self.owner}/{self.currency}"),)
