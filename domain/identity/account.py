"""The account: who may log in as a person, with which roles, and which sessions are under way."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from domain.identity.events import (
    AccountClosed,
    AccountEvent,
    AccountOpened,
    AccountReactivated,
    AccountSuspended,
    EmailVerified,
    LinkRequested,
    LoginChanged,
    PasswordSet,
    RolesAssigned,
    SessionBegun,
    SessionEnded,
    SteppedUp,
)
from domain.kernel.events import Personal
from domain.kernel.refusals import Forbidden, NotFound, RuleBroken

ROLES_PER_ACCOUNT_MAX = 10


class AccountNotFound(NotFound):
    """There is no such account for this caller."""

    code = "identity.account_not_found"


class AccountExists(RuleBroken):
    """This person has an account."""

    code = "identity.account_exists"


class LoginTaken(RuleBroken):
    """Another account of this tenant has this e-mail address."""

    code = "identity.login_taken"


class Suspended(Forbidden):
    """The account may not be used for the time being."""

    code = "identity.account_suspended"


class NotSuspended(RuleBroken):
    """The account is not suspended."""

    code = "identity.account_not_suspended"


class EmailUnverified(Forbidden):
    """The account's address is not yet proven to be the person's."""

    code = "identity.email_unverified"


class Kind(StrEnum):
    """Whether a person buys from the tenant or works for it."""

    CUSTOMER = "customer"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Session:
    """A session that was not ended."""

    expires_at: datetime
    stepped_up_until: datetime | None = None

    def live(self, at: datetime) -> bool:
        """Whether the session may be used at a moment."""
        return at < self.expires_at

    def stepped_up(self, at: datetime) -> bool:
        """Whether the person proved lately that it is them."""
        return self.stepped_up_until is not None and at < self.stepped_up_until


@dataclass(frozen=True, slots=True)
class Account:
    """What decisions about an account read. A closed one stays, so that it is not opened again."""

    CATEGORY: ClassVar[str] = "account"
    FOLD_VERSION: ClassVar[int] = 1

    person_id: str
    kind: Kind
    login_key: str
    roles: tuple[str, ...]
    verified: bool
    suspended: bool
    closed: bool
    sessions: Mapping[str, Session]

    @classmethod
    def evolve(cls, state: "Account | None", event: AccountEvent) -> "Account":  # noqa: C901, PLR0911 - one answer for each event
        if isinstance(event, AccountOpened):
            return cls(
                event.person_id,
                Kind(event.kind),
                event.login_key,
                event.roles,
                verified=False,
                suspended=False,
                closed=False,
                sessions={},
            )
        assert state is not None
        match event:
            case LoginChanged():
                return replace(state, login_key=event.login_key, verified=False)
            case EmailVerified():
                return replace(state, verified=True)
            case PasswordSet() | LinkRequested():
                return state
            case RolesAssigned():
                return replace(state, roles=event.roles)
            case AccountSuspended():
                return replace(state, suspended=True)
            case AccountReactivated():
                return replace(state, suspended=False)
            case AccountClosed():
                return replace(state, closed=True, sessions={})
            case SessionBegun():
                begun = Session(event.expires_at)
                return replace(state, sessions={**state.sessions, event.session_id: begun})
            case SteppedUp():
                session = replace(state.sessions[event.session_id], stepped_up_until=event.until)
                return replace(state, sessions={**state.sessions, event.session_id: session})
            case SessionEnded():
                left = {id_: one for id_, one in state.sessions.items() if id_ != event.session_id}
                return replace(state, sessions=left)
            case _:
                raise AssertionError(event)


@dataclass(frozen=True, slots=True)
class Login:
    """The address that somebody logs in with: sealed for the log, and hashed to be unique."""

    email: Personal
    key: str
