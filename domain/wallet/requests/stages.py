"""How far a request is. A pending one is decided once, cancelled, or expires; it blocks nothing."""

from datetime import datetime, timedelta
from enum import StrEnum

from domain.kernel.refusals import Invalid, NotFound, RuleBroken

REQUEST_LASTS = timedelta(days=30)
"""How long a request waits for a decision when it does not say."""

REQUEST_LASTS_MAX = timedelta(days=366)


class RequestNotFound(NotFound):
    """There is no such request for this caller."""

    code = "wallet.request_not_found"


class RequestNotPending(RuleBroken):
    """The request was approved, rejected, cancelled, or has expired."""

    code = "wallet.request_not_pending"


class RequestExpiryInvalid(Invalid):
    """A request expires in the future, and within a year."""

    code = "wallet.request_expiry_invalid"


class RequestNotDue(RuleBroken):
    """The request does not expire yet."""

    code = "wallet.request_not_due"


class Stage(StrEnum):
    """How far a request is; only a withdrawal is ever `paid` or `bounced`."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    PAID = "paid"
    BOUNCED = "bounced"


def check_pending(stage: Stage) -> None:
    """Refuse to decide what was decided."""
    if stage is not Stage.PENDING:
        raise RequestNotPending(f"the request is {stage} already", state=stage.value)


def check_due(expires_at: datetime, at: datetime) -> None:
    """Refuse to let a request expire before its time."""
    if at < expires_at:
        raise RequestNotDue("the request does not expire yet")


def end_of_waiting(asked: datetime | None, at: datetime) -> datetime:
    """Give when a request that is made now expires."""
    expires_at = asked or at + REQUEST_LASTS
    if not at < expires_at <= at + REQUEST_LASTS_MAX:
        raise RequestExpiryInvalid(
            f"a request expires in the future, within {REQUEST_LASTS_MAX.days} days",
            now=at.isoformat(),
        )
    return expires_at
