"""Wallets again, from their events."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from domain.kernel.money import Money
from domain.wallet.wallet import CHANGES, Wallet


@dataclass(slots=True)
class WalletsFold:
    """Wallets by id. Payments, nearly all events, are added up and folded when somebody looks."""

    moved: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """What came to be available and held since, and by how many events, for each wallet."""
    _states: dict[str, Wallet] = field(default_factory=dict[str, Wallet])

    def __len__(self) -> int:
        return len(self._states)

    def happen(self, event: Any) -> None:  # noqa: ANN401 - any event of a wallet
        """Fold one event; raises as the wallet does where it can not be."""
        wallet_id = event.wallet_id
        change, moved = CHANGES.get(event.__class__), self.moved.get(wallet_id)
        if change is None or (change[2] and event.bonus) or moved is None:
            self._states[wallet_id] = Wallet.evolve(self.get(wallet_id), event)
            self.moved[wallet_id] = [0, 0, 0]
            return
        minor = event.amount.minor
        moved[0] += change[0] * minor
        moved[1] += change[1] * minor
        moved[2] += 1

    def get(self, wallet_id: str) -> Wallet | None:
        """Give a wallet as it is."""
        state = self._states.get(wallet_id)
        if state is not None and self.moved[wallet_id][2]:
            available, held, events = self.moved[wallet_id]
            self.moved[wallet_id] = [0, 0, 0]
            state = self._states[wallet_id] = replace(
                state,
                available=Money(state.available.minor + available, state.currency),
                held=Money(state.held.minor + held, state.currency),
                version=state.version + events,
            )
        return state

    def all(self) -> Mapping[str, Wallet]:
        """Give every wallet as it is."""
        for wallet_id in self.moved:
            self.get(wallet_id)
        return self._states
