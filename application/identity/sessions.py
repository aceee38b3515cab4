"""Sessions: begin, end, end all others, prove again that it is you. Secrets stay at the edge."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from application.book import Book
from application.identity.logins import known_account
from domain.identity import sessions
from domain.identity.sessions import Reason
from domain.kernel.events import Personal


@dataclass(frozen=True, slots=True)
class BeginSession:
    """Begin a session for somebody who proved who they are, by `method`, from a device."""

    NAME: ClassVar[str] = "identity.begin_session"

    person_id: str
    session_id: str
    method: str
    device: str
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class SessionResult:
    """The session, and when it ends at the latest."""

    session_id: str
    expires_at: datetime


def begin_session(command: BeginSession, book: Book) -> SessionResult:
    """Begin a session unless the account is suspended."""
    book.record(
        *sessions.begin(
            known_account(book, command.person_id),
            session_id=command.session_id,
            method=command.method,
            device=Personal(command.person_id, command.device),
            lasts=command.lasts,
            at=book.now,
        )
    )
    begun = known_account(book, command.person_id).sessions[command.session_id]
    return SessionResult(command.session_id, begun.expires_at)


@dataclass(frozen=True, slots=True)
class EndSession:
    """End a session: its tokens are refused from the next request on."""

    NAME: ClassVar[str] = "identity.end_session"

    person_id: str
    session_id: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class SessionEndedResult:
    """The session that is over."""

    session_id: str


def end_session(command: EndSession, book: Book) -> SessionEndedResult:
    """End a session of the caller's own account, or of one that staff manage."""
    account = known_account(book, command.person_id)
    book.record(*sessions.end(account, session_id=command.session_id, reason=command.reason))
    return SessionEndedResult(command.session_id)


@dataclass(frozen=True, slots=True)
class EndSessions:
    """End every session of an account but `keeping`."""

    NAME: ClassVar[str] = "identity.end_sessions"

    person_id: str
    keeping: str | None = None


@dataclass(frozen=True, slots=True)
class SessionsEndedResult:
    """How many sessions are over."""

    ended: int


def end_sessions(command: EndSessions, book: Book) -> SessionsEndedResult:
    """End all others."""
    account = known_account(book, command.person_id)
    ended = sessions.end_all(account, reason=Reason.REVOKED, keeping=command.keeping)
    book.record(*ended)
    return SessionsEndedResult(len(ended))


@dataclass(frozen=True, slots=True)
class StepUp:
    """Note that the person of a session proved again that it is them; the edge has checked."""

    NAME: ClassVar[str] = "identity.step_up"

    person_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class StepUpResult:
    """Until when that counts."""

    until: datetime


def step_up(command: StepUp, book: Book) -> StepUpResult:
    """Note it for some minutes."""
    account = known_account(book, command.person_id)
    (noted,) = sessions.step_up(account, session_id=command.session_id, at=book.now)
    book.record(noted)
    return StepUpResult(noted.until)
