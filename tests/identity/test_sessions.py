"""Sessions expire, make room, and are stepped up for some minutes (IAM-02, IAM-05, SEC-13)."""

from datetime import timedelta

import pytest

from application.identity.sessions import BeginSession, StepUp
from domain.identity.account import Account
from domain.identity.events import AccountEvent, RoleEvent, SessionBegun, SteppedUp
from domain.identity.roles import Roles
from domain.identity.sessions import (
    SESSION_LASTS_MAX,
    SESSIONS_MAX,
    STEP_UP_LASTS,
    Reason,
    SessionNotFound,
)
from tests.identity.people import (
    ADA,
    DEVICE,
    LASTS,
    OPENED,
    SECOND,
    SESSION,
    begun,
    ended,
    personal,
    state_of,
)
from tests.kit.scenario import NOW, given

BEGIN = BeginSession(ADA, SECOND, "password", DEVICE, LASTS)
STEP_UP = StepUp(ADA, SESSION)
STEPPED_UP = SteppedUp(ADA, SESSION, NOW + STEP_UP_LASTS)


@pytest.mark.row("IAM-02")
def test_what_has_expired_ends_with_the_next_login() -> None:
    answer = given(OPENED, begun()).when(BEGIN, at=NOW + LASTS)
    ends = NOW + 2 * LASTS
    later = SessionBegun(ADA, SECOND, "password", personal(DEVICE), ends)
    answer.then(ended(Reason.EXPIRED), later)


@pytest.mark.row("IAM-05")
def test_the_oldest_session_makes_room_for_one_too_many() -> None:
    many = [begun(f"ses_{n:04}") for n in range(10, 10 + SESSIONS_MAX)]
    answer = given(OPENED, *many).when(BEGIN)
    answer.then(ended(Reason.DISPLACED, "ses_0010"), begun(SECOND))
    given(OPENED, *many[1:]).when(BEGIN).then(begun(SECOND))


@pytest.mark.row("SEC-13")
def test_no_session_lasts_longer_than_all_may() -> None:
    long = BeginSession(ADA, SECOND, "password", DEVICE, SESSION_LASTS_MAX + timedelta(days=1))
    given(OPENED).when(long).then(begun(SECOND, lasts=SESSION_LASTS_MAX))


def test_nobody_steps_up_in_a_session_that_has_expired() -> None:
    given(OPENED, begun()).when(STEP_UP, at=NOW + LASTS).then_refused(SessionNotFound)


def test_a_stepped_up_session_stays_so_when_another_one_ends() -> None:
    state = state_of(OPENED, begun(), begun(SECOND), STEPPED_UP, ended(Reason.REVOKED, SECOND))
    assert state.sessions[SESSION].stepped_up(NOW)
    assert not state.sessions[SESSION].stepped_up(NOW + STEP_UP_LASTS)


def test_an_event_of_another_kind_is_no_event_of_an_account() -> None:
    with pytest.raises(AssertionError):
        Account.evolve(state_of(OPENED), AccountEvent())
    with pytest.raises(AssertionError):
        Roles.evolve(None, RoleEvent())
