"""What happens to accounts, sessions and the roles of a tenant. Secrets stand in no event."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.kernel.events import Claim, Event, Personal

LOGIN_CLAIM = "identity.login"
ROLES_KEY = "main"


class AccountEvent(Event):
    """An event of an account's stream."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "account"

    person_id: str

    @property
    def key(self) -> str:
        return self.person_id


@dataclass(frozen=True, slots=True)
class AccountOpened(AccountEvent):
    """A person may log in from now on, with an address that is not yet proven to be theirs.

    `login_key` is the keyed hash of the address, by which it is unique in the tenant.
    """

    NAME: ClassVar[str] = "identity.account_opened"

    person_id: str
    kind: str
    email: Personal
    login_key: str
    roles: tuple[str, ...]

    def takes(self) -> tuple[Claim, ...]:
        return (Claim(LOGIN_CLAIM, self.login_key),)


@dataclass(frozen=True, slots=True)
class LoginChanged(AccountEvent):
    """A person logs in with another address from now on, which is not yet proven to be theirs."""

    NAME: ClassVar[str] = "identity.login_changed"

    person_id: str
    email: Personal
    login_key: str
    former_login_key: str

    def takes(self) -> tuple[Claim, ...]:
        return (Claim(LOGIN_CLAIM, self.login_key),)

    def releases(self) -> tuple[Claim, ...]:
        return (Claim(LOGIN_CLAIM, self.former_login_key),)


@dataclass(frozen=True, slots=True)
class EmailVerified(AccountEvent):
    """Whoever has the account reads what is sent to its address."""

    NAME: ClassVar[str] = "identity.email_verified"

    person_id: str
    login_key: str


@dataclass(frozen=True, slots=True)
class PasswordSet(AccountEvent):
    """The account got a password: `how` is registered, changed or reset."""

    NAME: ClassVar[str] = "identity.password_set"

    person_id: str
    how: str


@dataclass(frozen=True, slots=True)
class RolesAssigned(AccountEvent):
    """An account has these roles from now on, and no others."""

    NAME: ClassVar[str] = "identity.roles_assigned"

    person_id: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountSuspended(AccountEvent):
    """An account may not be used for the time being."""

    NAME: ClassVar[str] = "identity.account_suspended"

    person_id: str
    reason: Personal


@dataclass(frozen=True, slots=True)
class AccountReactivated(AccountEvent):
    """A suspended account may be used again."""

    NAME: ClassVar[str] = "identity.account_reactivated"

    person_id: str


@dataclass(frozen=True, slots=True)
class AccountClosed(AccountEvent):
    """An account ended for good; its address is free again."""

    NAME: ClassVar[str] = "identity.account_closed"

    person_id: str
    login_key: str

    def releases(self) -> tuple[Claim, ...]:
        return (Claim(LOGIN_CLAIM, self.login_key),)


@dataclass(frozen=True, slots=True)
class SessionBegun(AccountEvent):
    """A person logged in. `device` is the address and the user agent they came from."""

    NAME: ClassVar[str] = "identity.session_begun"

    person_id: str
    session_id: str
    method: str
    device: Personal
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SessionEnded(AccountEvent):
    """A session is over; `reason` says why."""

    NAME: ClassVar[str] = "identity.session_ended"

    person_id: str
    session_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class SteppedUp(AccountEvent):
    """Whoever has the session proved again, until a moment, that they are the person."""

    NAME: ClassVar[str] = "identity.stepped_up"

    person_id: str
    session_id: str
    until: datetime


@dataclass(frozen=True, slots=True)
class LinkRequested(AccountEvent):
    """Somebody asked for a link to be mailed: to verify the address, or to reset the password.

    Whoever performs it makes the link's secret, which stands in no event.
    """

    NAME: ClassVar[str] = "identity.link_requested"

    person_id: str
    purpose: str
    login_key: str


class RoleEvent(Event):
    """An event of the tenant's own roles."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "roles"

    @property
    def key(self) -> str:
        return ROLES_KEY


@dataclass(frozen=True, slots=True)
class RoleDefined(RoleEvent):
    """A role of the tenant's own has these permissions from now on."""

    NAME: ClassVar[str] = "identity.role_defined"

    role: str
    title: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleRemoved(RoleEvent):
    """A role of the tenant's own is no more."""

    NAME: ClassVar[str] = "identity.role_removed"

    role: str
