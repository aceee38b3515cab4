"""Sessions: begin, prove again that it is you, end."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from domain.identity.account import Account, AccountNotFound, Suspended
from domain.identity.events import SessionBegun, SessionEnded, SteppedUp
from domain.kernel.events import Personal
from domain.kernel.refusals import Forbidden, NotFound

SESSIONS_MAX = 20
SESSION_LASTS_MAX = timedelta(days=90)
STEP_UP_LASTS = timedelta(minutes=5)


class SessionNotFound(NotFound):
    """This account has no such session under way."""

    code = "identity.session_not_found"


class StepUpRequired(Forbidden):
    """Whoever has the session has to prove again that they are the person."""

    code = "identity.step_up_required"


class Reason(StrEnum):
    """Why a session is over."""

    LOGGED_OUT = "logged_out"
    REVOKED = "revoked"
    REUSED = "refresh_token_reused"
    EXPIRED = "expired"
    DISPLACED = "displaced"
    PASSWORD_SET = "password_set"  # noqa: S105 - a reason, no password
    SUSPENDED = "suspended"
    CLOSED = "closed"


def begin(  # noqa: PLR0913 - what is kept of a session
    account: Account,
    *,
    session_id: str,
    method: str,
    device: Personal,
    lasts: timedelta,
    at: datetime,
) -> tuple[SessionBegun | SessionEnded, ...]:
    """Begin a session. What has expired ends; beyond `SESSIONS_MAX` the oldest makes room."""
    if account.closed:
        raise AccountNotFound("there is no such account")
    if account.suspended:
        raise Suspended("the account is suspended; ask the shop")
    person = account.person_id
    live = [id_ for id_, one in account.sessions.items() if one.live(at)]
    expired = [id_ for id_, one in account.sessions.items() if not one.live(at)]
    displaced = live[: max(len(live) - SESSIONS_MAX + 1, 0)]
    expires_at = at + min(lasts, SESSION_LASTS_MAX)
    return (
        *_ended(person, expired, Reason.EXPIRED),
        *_ended(person, displaced, Reason.DISPLACED),
        SessionBegun(person, session_id, method, device, expires_at),
    )


def step_up(account: Account, *, session_id: str, at: datetime) -> tuple[SteppedUp, ...]:
    """Note that the person proved again that it is them."""
    session = account.sessions.get(session_id)
    if session is None or not session.live(at):
        raise SessionNotFound("there is no such session")
    return (SteppedUp(account.person_id, session_id, at + STEP_UP_LASTS),)


def check_stepped_up(account: Account, *, session_id: str, at: datetime) -> None:
    """Hold a session against the rule that the person proved lately that it is them."""
    session = account.sessions.get(session_id)
    if session is None or not session.live(at):
        raise SessionNotFound("there is no such session")
    if not session.stepped_up(at):
        raise StepUpRequired("say your password once more, then ask again")


def end(account: Account, *, session_id: str, reason: Reason) -> tuple[SessionEnded, ...]:
    """End one session."""
    if session_id not in account.sessions:
        raise SessionNotFound("there is no such session")
    return _ended(account.person_id, (session_id,), reason)


def end_all(
    account: Account, *, reason: Reason, keeping: str | None = None
) -> tuple[SessionEnded, ...]:
    """End every session but `keeping`."""
    return _ended(account.person_id, (id_ for id_ in account.sessions if id_ != keeping), reason)


def _ended(person: str, sessions: Iterable[str], reason: Reason) -> tuple[SessionEnded, ...]:
    return tuple(SessionEnded(person, session_id, reason.value) for session_id in sessions)
