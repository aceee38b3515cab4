"""How far a customer's session is trusted when money is to leave (IAM-08, SEC-13, WLT-07)."""

from datetime import timedelta

import pytest

from application.envelope import Actor
from application.wallet.access import StaffOnly
from application.wallet.requests.asking import RequestWithdrawal
from application.wallet.requests.deciding import ThresholdResult
from application.wallet.requests.step_up import SetStepUpThreshold
from domain.identity.account import EmailUnverified
from domain.identity.events import AccountOpened, EmailVerified, SessionBegun, SteppedUp
from domain.identity.sessions import STEP_UP_LASTS, SessionNotFound, StepUpRequired
from domain.kernel.events import Event, Personal
from domain.kernel.money import AMOUNT_MINOR_MAX, Money
from domain.wallet.requests.approvals import ThresholdInvalid
from domain.wallet.requests.events import StepUpThresholdSet
from tests.identity.people import SESSION
from tests.kit.requests import FUNDED, IBAN
from tests.kit.scenario import NOW, acting_for, given
from tests.kit.wallets import ADA, lira

OWNER = "usr_ada"
OPENED = AccountOpened(OWNER, "customer", Personal(OWNER, "a@a.example"), "a1", ("customer",))
VERIFIED = EmailVerified(OWNER, "a1")
ENDS = NOW + timedelta(days=30)
BEGUN = SessionBegun(OWNER, SESSION, "password", Personal(OWNER, "x"), ENDS)
STEPPED_UP = SteppedUp(OWNER, SESSION, NOW + STEP_UP_LASTS)
HERSELF = Actor(OWNER, "key_shop", OWNER, None, SESSION)
IN_SESSION = (*FUNDED, OPENED, VERIFIED, BEGUN)
ABOVE_500 = StepUpThresholdSet(lira(500))

ASK = RequestWithdrawal(ADA, lira(600), IBAN)


def accepted(*story: Event, actor: Actor = HERSELF) -> bool:
    return given(*story).when(ASK, actor=actor).decision.refusal is None


@pytest.mark.row("IAM-08")
def test_nobody_asks_for_money_before_their_address_is_proven() -> None:
    unverified = (*FUNDED, OPENED, BEGUN)
    given(*unverified).when(ASK, actor=HERSELF).then_refused(EmailUnverified)
    assert accepted(*IN_SESSION)


def test_above_the_threshold_a_session_alone_is_not_enough() -> None:
    given(*IN_SESSION, ABOVE_500).when(ASK, actor=HERSELF).then_refused(StepUpRequired)
    assert accepted(*IN_SESSION, ABOVE_500, STEPPED_UP)
    assert accepted(*IN_SESSION, StepUpThresholdSet(lira(600)))
    assert accepted(*IN_SESSION, StepUpThresholdSet(Money(0, "EUR")))


def test_a_step_up_counts_for_some_minutes_and_for_its_own_session() -> None:
    story = given(*IN_SESSION, ABOVE_500, STEPPED_UP)
    late = NOW + STEP_UP_LASTS
    story.when(ASK, actor=HERSELF, at=late).then_refused(StepUpRequired)
    other = HERSELF._replace(session_id="ses_0009")
    story.when(ASK, actor=other).then_refused(SessionNotFound)


def test_staff_who_act_for_a_customer_answer_for_it_themselves() -> None:
    assert accepted(*FUNDED, OPENED, ABOVE_500, actor=acting_for(OWNER))
    with_session = Actor("stf_deniz", "key_shop", OWNER, None, "ses_0007")
    assert accepted(*FUNDED, OPENED, ABOVE_500, actor=with_session)


@pytest.mark.row("SEC-13")
def test_the_last_threshold_counts_and_is_told_once() -> None:
    first = given(*FUNDED).when(SetStepUpThreshold(lira(500)))
    first.then(ABOVE_500).then_result(ThresholdResult(lira(500)))
    first.when(SetStepUpThreshold(lira(500))).then()
    first.when(SetStepUpThreshold(lira(0))).then(StepUpThresholdSet(lira(0)))


@pytest.mark.parametrize("minor", [-1, AMOUNT_MINOR_MAX + 1])
def test_refuses_a_threshold_that_is_no_amount(minor: int) -> None:
    given(*FUNDED).when(SetStepUpThreshold(lira(minor))).then_refused(ThresholdInvalid)


def test_no_customer_sets_a_threshold() -> None:
    command = SetStepUpThreshold(lira(1))
    given(*FUNDED).when(command, actor=acting_for(OWNER)).then_refused(StaffOnly)
