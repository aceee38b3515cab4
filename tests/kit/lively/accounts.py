"""Accounts of a lively log: verified, renamed, suspended, back again, and closed."""

from domain.identity import accounts
from domain.identity.account import Account, Kind, Login
from domain.kernel.events import Event, Personal


def account_events() -> tuple[Event, ...]:
    """Open three accounts and let everything happen to them that a list of accounts tells."""
    events: list[Event] = []
    for person, kind, roles in (
        ("cus_ayla", Kind.CUSTOMER, ("customer",)),
        ("stf_derya", Kind.STAFF, ("tenant_admin", "finance")),
        ("stf_umut", Kind.STAFF, ("auditor",)),
    ):
        account = _open(events, person, kind, roles)
        account = _then(events, account, accounts.verify_email(account, login_key=f"{person} 1"))
        moved = Login(Personal(person, "new@a.example"), f"{person} 2")
        account = _then(events, account, accounts.change_login(account, moved, holder=None))
        account = _then(events, account, accounts.suspend(account, Personal(person, "why")))
        if person == "stf_derya":
            account = _then(events, account, accounts.reactivate(account))
            account = _then(events, account, accounts.assign_roles(account, ("tenant_admin",)))
            _then(events, account, accounts.verify_email(account, login_key=f"{person} 2"))
    gone = _open(events, "stf_gone", Kind.STAFF, ("auditor",))
    _then(events, gone, accounts.close(gone))
    return tuple(events)


def _open(events: list[Event], person: str, kind: Kind, roles: tuple[str, ...]) -> Account:
    login = Login(Personal(person, "old@a.example"), f"{person} 1")
    opened = accounts.open_account(
        None, login, person_id=person, kind=kind, roles=roles, holder=None
    )
    return _then(events, None, opened)


def _then(events: list[Event], account: Account | None, new: tuple[Event, ...]) -> Account:
    for event in new:
        account = Account.evolve(account, event)  # type: ignore[arg-type] - of an account
    events += new
    assert account is not None
    return account
