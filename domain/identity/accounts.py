"""Open accounts, change how they are logged into, suspend and close them."""

from enum import StrEnum

from domain.identity.account import (
    Account,
    AccountExists,
    AccountNotFound,
    EmailUnverified,
    Kind,
    Login,
    LoginTaken,
    NotSuspended,
    Suspended,
)
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
)
from domain.identity.sessions import Reason, end_all
from domain.kernel.events import Personal, stream_of


class LinkPurpose(StrEnum):
    """What a link that somebody asks for is good for."""

    VERIFICATION = "verification"
    RESET = "reset"
    INVITATION = "invitation"
    """To choose the first password of an account that staff opened."""


def open_account(  # noqa: PLR0913 - what an account begins with
    existing: Account | None,
    login: Login,
    *,
    person_id: str,
    kind: Kind,
    roles: tuple[str, ...],
    holder: str | None,
) -> tuple[AccountOpened, ...]:
    """Open an account; `holder` is the stream of whoever logs in with the address already."""
    if existing is not None:
        raise AccountExists("this person has an account")
    _check_free(holder, person_id)
    return (AccountOpened(person_id, kind.value, login.email, login.key, roles),)


def change_login(account: Account, login: Login, *, holder: str | None) -> tuple[LoginChanged, ...]:
    """Log in with another address from now on; the same one changes nothing."""
    check_open(account)
    if login.key == account.login_key:
        return ()
    _check_free(holder, account.person_id)
    return (LoginChanged(account.person_id, login.email, login.key, account.login_key),)


def verify_email(account: Account, *, login_key: str) -> tuple[EmailVerified, ...]:
    """Note that the address is the person's, if it is still the one they log in with."""
    check_open(account)
    if account.verified or account.login_key != login_key:
        return ()
    return (EmailVerified(account.person_id, login_key),)


def check_verified(account: Account) -> None:
    """Hold an account against the rule that its address is proven before money leaves."""
    if not account.verified:
        raise EmailUnverified("verify your e-mail address first; ask for the link again")


def request_link(account: Account, purpose: LinkPurpose) -> tuple[LinkRequested, ...]:
    """Ask for a link to be mailed. Where there is nothing to do, nothing is said about it."""
    needless = purpose is LinkPurpose.VERIFICATION and account.verified
    if account.closed or account.suspended or needless:
        return ()
    return (LinkRequested(account.person_id, purpose.value, account.login_key),)


def set_password(account: Account, *, how: str, keeping: str | None) -> tuple[AccountEvent, ...]:
    """Note a new password; every session but `keeping` is over."""
    check_open(account)
    return (
        PasswordSet(account.person_id, how),
        *end_all(account, reason=Reason.PASSWORD_SET, keeping=keeping),
    )


def assign_roles(account: Account, roles: tuple[str, ...]) -> tuple[RolesAssigned, ...]:
    """Give an account these roles and no others; the same ones change nothing."""
    check_open(account)
    return () if roles == account.roles else (RolesAssigned(account.person_id, roles),)


def suspend(account: Account, reason: Personal) -> tuple[AccountEvent, ...]:
    """Let nobody use the account for the time being; all its sessions are over."""
    check_open(account)
    if account.suspended:
        raise Suspended("the account is suspended")
    return (
        AccountSuspended(account.person_id, reason),
        *end_all(account, reason=Reason.SUSPENDED),
    )


def reactivate(account: Account) -> tuple[AccountReactivated, ...]:
    """Let a suspended account be used again."""
    check_open(account)
    if not account.suspended:
        raise NotSuspended("the account is not suspended")
    return (AccountReactivated(account.person_id),)


def close(account: Account) -> tuple[AccountEvent, ...]:
    """End an account for good, and its sessions; its address is free again."""
    check_open(account)
    return (
        *end_all(account, reason=Reason.CLOSED),
        AccountClosed(account.person_id, account.login_key),
    )


def check_open(account: Account) -> None:
    """Hold an account against the rule that a closed one is as absent as none."""
    if account.closed:
        raise AccountNotFound("there is no such account")


def _check_free(holder: str | None, person_id: str) -> None:
    if holder not in {None, stream_of(Account.CATEGORY, person_id)}:
        raise LoginTaken("another account has this e-mail address")
