"""WLT-08: what a person moves is limited per transaction, day and month, by their level."""

from datetime import date, datetime, timedelta

import pytest

from application.wallet.access import StaffOnly
from application.wallet.holds import PlaceHold, ReleaseHold
from application.wallet.limits import LevelResult, LimitsResult, SetLevel, SetLimits
from application.wallet.topups import TopUp
from application.wallet.transfers import TransferFunds
from domain.kernel.events import Event
from domain.kernel.money import AMOUNT_MINOR_MAX, Money
from domain.wallet.limits.events import LevelSet, LimitsSet, PersonEvent, UsageCounted
from domain.wallet.limits.limits import (
    LEVELS_MAX,
    LIMITS_MAX,
    LevelInvalid,
    LevelNotFound,
    LimitExceeded,
    LimitInvalid,
    LimitKind,
    Person,
    TooManyLimits,
)
from domain.wallet.wallet import AmountInvalid, InsufficientFunds
from tests.kit.scenario import NOW, Answer, acting_for, given
from tests.kit.wallets import (
    ADA,
    ADA_OPENED,
    BOOKS,
    BORA,
    BORA_OPENED,
    LICENSED,
    TODAY,
    held,
    lira,
    topped_up,
)

pytestmark = pytest.mark.row("WLT-08")

FUNDED = (BOOKS, LICENSED, ADA_OPENED, BORA_OPENED, topped_up(100_000))
TRANSFERS = LimitsSet("standard", "TRY", "transfer", 100, 250, 400)
LIMITED = (*FUNDED, TRANSFERS)


def used(minor: int, *, day: date = TODAY, kind: str = "transfer") -> UsageCounted:
    return UsageCounted("usr_ada", kind, lira(minor), day)


def send(*history: Event, minor: int, at: datetime = NOW) -> Answer:
    return given(*history).when(TransferFunds(ADA, BORA, lira(minor)), at=at)


def counted(answer: Answer) -> list[UsageCounted]:
    return [event for _, _, event in answer.decision.events if isinstance(event, UsageCounted)]


def refused(answer: Answer, **facts: str | int) -> None:
    answer.then_refused(LimitExceeded, kind="transfer", **facts)


def test_a_limited_transfer_is_counted_for_the_sender_in_the_same_commit() -> None:
    answer = send(*LIMITED, minor=100)
    assert counted(answer) == [used(100)]
    person = answer.state("limit_usage-usr_ada")
    ways = {"transfer/TRY": 100}
    assert person == Person("standard", TODAY, ways, ways)


def test_one_minor_unit_above_the_limit_per_transaction_is_refused() -> None:
    refused(send(*LIMITED, minor=101), limit=100, used=0, asked=101, period="transaction")


def test_a_day_is_filled_to_its_last_minor_unit_and_not_beyond() -> None:
    full = (*LIMITED, used(100), used(100))
    assert counted(send(*full, minor=50)) == [used(50)]
    refused(send(*full, minor=51), limit=250, used=200, asked=51, period="day")


def test_a_month_is_filled_to_its_last_minor_unit_and_not_beyond() -> None:
    full = (*LIMITED, used(100, day=date(2026, 3, 1)), used(240, day=date(2026, 3, 4)))
    assert counted(send(*full, minor=60)) == [used(60)]
    refused(send(*full, minor=61), limit=400, used=340, asked=61, period="month")


def test_a_new_day_begins_at_midnight_of_the_tenant() -> None:
    full = (*LIMITED, used(250))
    before_midnight = datetime.fromisoformat("2026-03-05T20:59:59+00:00")
    midnight = before_midnight + timedelta(seconds=1)
    refused(send(*full, minor=1, at=before_midnight), limit=250, used=250, asked=1, period="day")
    assert counted(send(*full, minor=1, at=midnight)) == [used(1, day=date(2026, 3, 6))]


def test_a_new_month_begins_with_nothing_used_even_of_another_year() -> None:
    for last in (date(2026, 2, 28), date(2025, 3, 5)):
        answer = send(*LIMITED, used(400, day=last), minor=100)
        assert answer.state("limit_usage-usr_ada").of_month == {"transfer/TRY": 100}


def test_an_entry_of_an_earlier_day_counts_today() -> None:
    back = TransferFunds(ADA, BORA, lira(1), effective_on=date(2026, 2, 1))
    given(*LIMITED, used(250)).when(back).then_refused(
        LimitExceeded, limit=250, used=250, asked=1, kind="transfer", period="day"
    )


def test_a_tenant_without_limits_counts_nothing_and_looks_once_more_at_most() -> None:
    answer = send(*FUNDED, minor=1)
    assert counted(answer) == []
    # Scheme, wallets, books, and that there are no limits: that absence is kept in memory too.
    assert answer.looks == 4


@pytest.mark.parametrize(
    "limits",
    [
        LimitsSet("standard", "EUR", "transfer", 1, 1, 1),
        LimitsSet("standard", "TRY", "hold", 1, 1, 1),
        LimitsSet("vip", "TRY", "transfer", 1, 1, 1),
        LimitsSet("standard", "TRY", "transfer", None, None, None),
    ],
)
def test_nothing_is_counted_where_no_limit_is_meant(limits: LimitsSet) -> None:
    assert counted(send(*FUNDED, limits, minor=500)) == []


def test_a_limit_of_nothing_forbids() -> None:
    none = LimitsSet("standard", "TRY", "transfer", 0, None, None)
    refused(send(*FUNDED, none, minor=1), limit=0, used=0, asked=1, period="transaction")


def test_the_last_limits_count() -> None:
    raised = LimitsSet("standard", "TRY", "transfer", None, 1_000, None)
    assert counted(send(*LIMITED, used(250), raised, minor=750)) == [used(750)]


def test_a_person_on_a_level_has_its_limits_and_others_keep_theirs() -> None:
    vip = (LimitsSet("vip", "TRY", "transfer", 5_000, None, None), LevelSet("usr_ada", "vip"))
    assert counted(send(*LIMITED, *vip, minor=5_000)) == [used(5_000)]
    refused(
        send(*LIMITED, *vip, minor=5_001), limit=5_000, used=0, asked=5_001, period="transaction"
    )
    bora = (*LIMITED, *vip, topped_up(500, wallet=BORA))
    given(*bora).when(TransferFunds(BORA, ADA, lira(101))).then_refused(
        LimitExceeded, limit=100, used=0, asked=101, kind="transfer", period="transaction"
    )


def test_what_was_used_stays_counted_on_another_level() -> None:
    vip = (LimitsSet("vip", "TRY", "transfer", None, 260, None), LevelSet("usr_ada", "vip"))
    refused(send(*LIMITED, used(250), *vip, minor=11), limit=260, used=250, asked=11, period="day")


def test_holds_have_limits_of_their_own_and_a_release_gives_nothing_back() -> None:
    limits = LimitsSet("standard", "TRY", "hold", None, 600, None)
    placed = given(*LIMITED, limits).when(PlaceHold(ADA, lira(600), "ord_1"))
    placed.then(*held(600, version=3), used(600, kind="hold"))
    placed.when(ReleaseHold(ADA, "ord_1")).when(PlaceHold(ADA, lira(1))).then_refused(
        LimitExceeded, limit=600, used=600, asked=1, kind="hold", period="day"
    )


def test_what_is_refused_for_another_reason_is_told_so() -> None:
    send(*LIMITED, minor=0).then_refused(AmountInvalid)
    send(*LIMITED, minor=100_001).then_refused(InsufficientFunds, available=100_000, asked=100_001)


def test_money_that_comes_in_is_not_limited() -> None:
    answer = given(*LIMITED).when(TopUp(ADA, lira(9_999)))
    assert answer.decision.refusal is None
    assert counted(answer) == []


SET = SetLimits(LimitKind.TRANSFER, "TRY", "standard", 100, 250, 400)


def test_limits_are_set_changed_and_lifted() -> None:
    answer = given(BOOKS).when(SET)
    answer.then(TRANSFERS)
    answer.then_result(LimitsResult("standard", "TRY", LimitKind.TRANSFER))
    given(TRANSFERS).when(SetLimits(LimitKind.TRANSFER, "TRY")).then(
        LimitsSet("standard", "TRY", "transfer", None, None, None)
    )


def test_setting_the_present_limits_again_changes_nothing() -> None:
    given(TRANSFERS).when(SET).then()


@pytest.mark.parametrize("minor", [-1, AMOUNT_MINOR_MAX + 1])
def test_refuses_a_limit_that_no_amount_can_reach(minor: int) -> None:
    given().when(SetLimits(LimitKind.HOLD, "TRY", per_month_minor=minor)).then_refused(LimitInvalid)


@pytest.mark.parametrize("level", ["", "VIP", "1st", "very important", "x" * 32])
def test_refuses_a_level_that_is_no_lower_case_word(level: str) -> None:
    given().when(SetLimits(LimitKind.HOLD, "TRY", level)).then_refused(LevelInvalid)


def test_a_tenant_has_ten_levels_and_not_one_more() -> None:
    levels = [LimitsSet(f"l{n}", "TRY", "hold", n, None, None) for n in range(LEVELS_MAX - 1)]
    given(*levels).when(SetLimits(LimitKind.HOLD, "TRY", "one_more")).then_refused(TooManyLimits)
    given(*levels).when(SetLimits(LimitKind.HOLD, "EUR", "l1")).then(
        LimitsSet("l1", "EUR", "hold", None, None, None)
    )


def test_a_tenant_has_a_limited_number_of_limits() -> None:
    full = [LimitsSet("standard", f"{n:03}", "hold", n, None, None) for n in range(LIMITS_MAX)]
    given(*full).when(SetLimits(LimitKind.HOLD, "TRY")).then_refused(TooManyLimits)
    given(*full).when(SetLimits(LimitKind.HOLD, "007")).then(
        LimitsSet("standard", "007", "hold", None, None, None)
    )


def test_a_person_is_put_on_a_level_and_back() -> None:
    vip = LimitsSet("vip", "TRY", "transfer", 5_000, None, None)
    answer = given(vip).when(SetLevel("usr_ada", "vip"))
    answer.then(LevelSet("usr_ada", "vip"))
    answer.then_result(LevelResult("usr_ada", "vip"))
    answer.when(SetLevel("usr_ada", "vip")).then()
    answer.when(SetLevel("usr_ada", "standard")).then(LevelSet("usr_ada", "standard"))
    given().when(SetLevel("usr_ada", "standard")).then()


@pytest.mark.parametrize("history", [(), (TRANSFERS,)])
def test_refuses_a_level_without_limits(history: tuple[Event, ...]) -> None:
    given(*history).when(SetLevel("usr_ada", "vip")).then_refused(LevelNotFound, level="vip")


@pytest.mark.parametrize("command", [SET, SetLevel("usr_ada", "standard")])
def test_limits_and_levels_are_set_by_staff(command: object) -> None:
    given(*LIMITED).when(command, actor=acting_for("usr_ada")).then_refused(StaffOnly)


def test_limits_hold_for_staff_who_act_for_a_customer_too() -> None:
    command = TransferFunds(ADA, BORA, lira(101))
    given(*LIMITED).when(command, actor=acting_for("usr_ada")).then_refused(
        LimitExceeded, limit=100, used=0, asked=101, kind="transfer", period="transaction"
    )


def test_each_currency_is_counted_by_itself() -> None:
    person = Person.evolve(None, used(100))
    person = Person.evolve(person, UsageCounted("usr_ada", "transfer", Money(7, "EUR"), TODAY))
    assert person.of_day == {"transfer/TRY": 100, "transfer/EUR": 7}


def test_an_event_that_a_person_s_stream_does_not_know_is_never_guessed_at() -> None:
    with pytest.raises(AssertionError):
        Person.evolve(None, PersonEvent())
