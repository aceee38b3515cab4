"""Two pairs of eyes: who may approve a request.

The one who entered a request and the one who approves it are compared as the staff members that
they are, never as the customer that either acted for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from domain.kernel.money import AMOUNT_MINOR_MAX, Money
from domain.kernel.refusals import Forbidden, Invalid, Refusal
from domain.wallet.requests.events import ApprovalThresholdSet


class OwnRequest(Forbidden):
    """A request of this amount is approved by another staff member than the one who entered it."""

    code = "wallet.own_request"


class ThresholdInvalid(Invalid):
    """A threshold is between 0 and 2^53 - 1 minor units."""

    code = "wallet.threshold_invalid"


@dataclass(frozen=True, slots=True)
class Threshold:
    """Above which amount of one currency a second pair of eyes is needed."""

    CATEGORY: ClassVar[str] = "wallet_approval"
    FOLD_VERSION: ClassVar[int] = 1

    above: Money

    @classmethod
    def evolve(cls, state: "Threshold | None", event: ApprovalThresholdSet) -> "Threshold":  # noqa: ARG003 - the last one counts
        return cls(event.above)


class Approvable(Protocol):
    """What the policy asks of a request."""

    @property
    def amount(self) -> Money:
        """What the request is about."""
        ...

    @property
    def requested_by(self) -> str:
        """The staff member whose key entered it."""
        ...


@dataclass(frozen=True, slots=True)
class Approver:
    """The staff member who would approve, and the tenant's threshold; None asks for two always."""

    staff_id: str
    threshold: Threshold | None


def another_than_entered_it(request: Approvable, approver: Approver) -> Refusal | None:
    """Ask for a second person above the threshold."""
    above = approver.threshold.above.minor if approver.threshold else 0
    if request.amount.minor > above and request.requested_by == approver.staff_id:
        return OwnRequest("another staff member approves what you entered", above=above)
    return None


POLICY: tuple[Callable[[Approvable, Approver], Refusal | None], ...] = (another_than_entered_it,)
"""What every approval must satisfy, for money in and money out."""


def check_approval(request: Approvable, approver: Approver) -> None:
    """Refuse an approval that the policy does not allow."""
    for rule in POLICY:
        refusal = rule(request, approver)
        if refusal is not None:
            raise refusal


def set_threshold(current: Threshold | None, above: Money) -> tuple[ApprovalThresholdSet, ...]:
    """Set the threshold of a currency; setting the present one again changes nothing."""
    if not 0 <= above.minor <= AMOUNT_MINOR_MAX:
        raise ThresholdInvalid("a threshold is between 0 and 2^53 - 1 minor units")
    if current is not None and current.above == above:
        return ()
    return (ApprovalThresholdSet(above),)
