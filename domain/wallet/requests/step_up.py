"""Above which amount a customer proves again who they are before money leaves."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.money import AMOUNT_MINOR_MAX, Money
from domain.wallet.requests.approvals import ThresholdInvalid
from domain.wallet.requests.events import StepUpThresholdSet


@dataclass(frozen=True, slots=True)
class StepUpThreshold:
    """The most of one currency that a session alone is good for."""

    CATEGORY: ClassVar[str] = "wallet_step_up"
    FOLD_VERSION: ClassVar[int] = 1

    above: Money

    @classmethod
    def evolve(
        cls,
        state: "StepUpThreshold | None",  # noqa: ARG003 - the last one counts
        event: StepUpThresholdSet,
    ) -> "StepUpThreshold":
        return cls(event.above)


def needed(threshold: StepUpThreshold | None, amount: Money) -> bool:
    """Tell whether an amount asks for more than a session; without a threshold none does."""
    return threshold is not None and amount.minor > threshold.above.minor


def set_threshold(current: StepUpThreshold | None, above: Money) -> tuple[StepUpThresholdSet, ...]:
    """Set the threshold of a currency; setting the present one again changes nothing."""
    if not 0 <= above.minor <= AMOUNT_MINOR_MAX:
        raise ThresholdInvalid("a threshold is between 0 and 2^53 - 1 minor units")
    if current is not None and current.above == above:
        return ()
    return (StepUpThresholdSet(above),)
