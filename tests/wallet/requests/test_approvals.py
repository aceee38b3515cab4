"""Two pairs of eyes (WLT-06, WLT-07): maker and checker are compared as staff members."""

import pytest

from application.envelope import Actor
from application.wallet.access import StaffOnly
from application.wallet.requests.deciding import (
    ApproveRequest,
    RejectRequest,
    SetApprovalThreshold,
    ThresholdResult,
)
from domain.kernel.events import Event
from domain.kernel.money import AMOUNT_MINOR_MAX, Money
from domain.wallet.requests.approvals import OwnRequest, ThresholdInvalid
from domain.wallet.requests.events import ApprovalThresholdSet
from tests.kit.requests import FUNDED, TPR, UMUT, WDR, asked_in, asked_out
from tests.kit.scenario import STAFF, acting_for, given
from tests.kit.wallets import lira

pytestmark = [pytest.mark.row("WLT-06"), pytest.mark.row("WLT-07")]

IN, OUT = (*FUNDED, asked_in(400)), (*FUNDED, *asked_out(400))
KINDS = pytest.mark.parametrize(("story", "request_id"), [(IN, TPR), (OUT, WDR)])
Events = tuple[Event, ...]


@KINDS
def test_nobody_approves_what_they_entered_themselves(story: Events, request_id: str) -> None:
    given(*story).when(ApproveRequest(request_id), actor=STAFF).then_refused(OwnRequest, above=0)
    assert given(*story).when(ApproveRequest(request_id), actor=UMUT).decision.refusal is None


@KINDS
def test_another_key_of_the_same_person_is_the_same_person(story: Events, request_id: str) -> None:
    with_another_key = Actor(STAFF.actor_id, key_id="key_other")
    given(*story).when(ApproveRequest(request_id), actor=with_another_key).then_refused(
        OwnRequest, above=0
    )


@KINDS
def test_staff_reject_what_they_entered_themselves(story: Events, request_id: str) -> None:
    assert given(*story).when(RejectRequest(request_id), actor=STAFF).decision.refusal is None


@KINDS
def test_up_to_the_threshold_one_person_is_enough(story: Events, request_id: str) -> None:
    at_it = given(*story, ApprovalThresholdSet(lira(400)))
    assert at_it.when(ApproveRequest(request_id)).decision.refusal is None
    below = given(*story, ApprovalThresholdSet(lira(399)))
    below.when(ApproveRequest(request_id)).then_refused(OwnRequest, above=399)


@KINDS
def test_a_threshold_of_another_currency_does_not_count(story: Events, request_id: str) -> None:
    euros = ApprovalThresholdSet(Money(1_000, "EUR"))
    given(*story, euros).when(ApproveRequest(request_id)).then_refused(OwnRequest, above=0)


def test_the_last_threshold_counts_and_is_told_once() -> None:
    first = given(*FUNDED).when(SetApprovalThreshold(lira(500)))
    first.then(ApprovalThresholdSet(lira(500)))
    first.then_result(ThresholdResult(lira(500)))
    first.when(SetApprovalThreshold(lira(500))).then()
    first.when(SetApprovalThreshold(lira(0))).then(ApprovalThresholdSet(lira(0)))


@pytest.mark.parametrize("minor", [-1, AMOUNT_MINOR_MAX + 1])
def test_refuses_a_threshold_that_is_no_amount(minor: int) -> None:
    given(*FUNDED).when(SetApprovalThreshold(lira(minor))).then_refused(ThresholdInvalid)


def test_no_customer_sets_a_threshold() -> None:
    given(*FUNDED).when(SetApprovalThreshold(lira(1)), actor=acting_for("usr_ada")).then_refused(
        StaffOnly
    )
