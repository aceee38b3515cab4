"""Somebody who logs in, here and there, for a log in which everything happens."""

from datetime import timedelta

from domain.identity import accounts, sessions
from domain.identity.account import Account, Kind, Login
from domain.identity.events import AccountEvent
from domain.identity.sessions import Reason
from domain.kernel.events import Personal
from tests.projections.written_logs import START

EDA = "cus_eda1"


def session_events() -> tuple[AccountEvent, ...]:
    """Eda opens an account, logs in four times, and out of all but one."""
    login = Login(Personal(EDA, "e@a.example"), "e1")
    (opened,) = accounts.open_account(
        None, login, person_id=EDA, kind=Kind.CUSTOMER, roles=("customer",), holder=None
    )
    happened: list[AccountEvent] = [opened]
    state = Account.evolve(None, opened)

    def decided(events: tuple[AccountEvent, ...]) -> None:
        nonlocal state
        for event in events:
            happened.append(event)
            state = Account.evolve(state, event)

    for n in range(1, 5):
        decided(
            sessions.begin(
                state,
                session_id=f"ses_{n:04}",
                method="password",
                device=Personal(EDA, "203.0.113.7 Firefox"),
                lasts=timedelta(days=30),
                at=START,
            )
        )
    decided(accounts.verify_email(state, login_key="e1"))
    decided(sessions.step_up(state, session_id="ses_0002", at=START))
    decided(sessions.end(state, session_id="ses_0001", reason=Reason.LOGGED_OUT))
    decided(sessions.end_all(state, reason=Reason.REVOKED, keeping="ses_0003"))
    return tuple(happened)
