"""INV-05: who waits for a variant hears of it once; a guest proves their address before."""

from datetime import timedelta

import pytest

from application.catalog.finding import VariantNotFound
from application.identity.logins import EmailAddress
from application.stock.watching import (
    AskToWatch,
    ConfirmWatch,
    EndWatch,
    LapseWatch,
    NotifyWatcher,
    WatchResult,
    WatchVariant,
)
from domain.kernel.events import Event, Personal
from domain.stock.watch_events import (
    WatchAsked,
    WatchBegun,
    WatchConfirmed,
    WatchEnded,
    WatcherNotified,
    WatchingBegun,
)
from domain.stock.watches import (
    CONFIRM_WITHIN,
    Ending,
    NotBackYet,
    StillAvailable,
    WatchNotDue,
    WatchNotFound,
)
from tests.kit.scenario import NOW, Story, given, new_id
from tests.stock.shelves import BLUE, MUGS, PRODUCT, RED, TWO_PLACES, handled, received

pytestmark = pytest.mark.row("INV-05")
ADA, GUEST = "cus_ada1", "eml_" + "a" * 40
EMAIL = EmailAddress("guest@mail.example", "a" * 64)
ENDS = NOW + CONFIRM_WITHIN
BEGUN = WatchBegun(RED, ADA, PRODUCT)
WATCH = WatchVariant(PRODUCT, RED, ADA)
ASK = AskToWatch(PRODUCT, RED, EMAIL, "tr")


def asked(subject: str = "gst_1") -> WatchAsked:
    email = Personal(subject, EMAIL.address)
    return WatchAsked(RED, GUEST, PRODUCT, subject, email, "tr", ENDS)


def waiting(*events: Event) -> Story:
    return given(*MUGS, WatchingBegun(), *events)


def test_a_customer_waits_for_what_is_out_of_stock() -> None:
    begun = given(*MUGS).when(WATCH)
    begun.then(WatchingBegun(), BEGUN).then_result(WatchResult())
    begun.when(WATCH).then()
    begun.when(WatchVariant(PRODUCT, BLUE, ADA)).then(WatchBegun(BLUE, ADA, PRODUCT))


def test_nobody_waits_for_what_can_be_bought() -> None:
    for there in (received(RED, 1), received(RED, 1, "loc_shop")):
        story = given(*TWO_PLACES, *there)
        story.when(WATCH).then_refused(StillAvailable)
        story.when(ASK).then_refused(StillAvailable)
    given(*MUGS, handled(RED, backorder=True)).when(WATCH).then_refused(StillAvailable)


def test_a_variant_is_watched_at_its_product() -> None:
    for odd in (WatchVariant("prd_other", RED, ADA), WatchVariant(PRODUCT, "var_none", ADA)):
        given(*MUGS).when(odd).then_refused(VariantNotFound)
    given(*MUGS).when(AskToWatch("prd_other", RED, EMAIL, "tr")).then_refused(VariantNotFound)


def test_a_guest_waits_once_they_confirmed() -> None:
    made = new_id("gst")
    first = given(*MUGS).when(ASK)
    first.then(WatchingBegun(), asked(made)).then_result(WatchResult())
    first.when(NotifyWatcher(RED, GUEST)).then()
    confirmed = first.when(ConfirmWatch(RED, GUEST)).then(WatchConfirmed(RED, GUEST))
    confirmed.when(ConfirmWatch(RED, GUEST)).then()
    confirmed.when(ASK).then()


def test_who_asks_again_gets_another_link_for_the_same_watch() -> None:
    later = NOW + timedelta(hours=1)
    again = waiting(asked()).when(ASK, at=later)
    email = Personal("gst_1", EMAIL.address)
    again.then(WatchAsked(RED, GUEST, PRODUCT, "gst_1", email, "tr", later + CONFIRM_WITHIN))


def test_a_link_is_good_until_its_end() -> None:
    story, confirm = waiting(asked()), ConfirmWatch(RED, GUEST)
    story.when(confirm, at=ENDS - timedelta(seconds=1)).then(WatchConfirmed(RED, GUEST))
    story.when(confirm, at=ENDS).then_refused(WatchNotFound)
    waiting().when(confirm).then_refused(WatchNotFound)
    ended = WatchEnded(RED, GUEST, "unsubscribed", "gst_1")
    waiting(asked(), ended).when(confirm).then_refused(WatchNotFound)


def test_what_came_back_before_the_confirmation_is_told_at_once() -> None:
    waiting(asked(), *received(RED, 3)).when(ConfirmWatch(RED, GUEST)).then(
        WatchConfirmed(RED, GUEST), WatcherNotified(RED, GUEST)
    )


def test_a_customer_is_told_once_and_can_wait_again() -> None:
    notify = NotifyWatcher(RED, ADA)
    told = waiting(BEGUN, *received(RED, 3)).when(notify).then(WatcherNotified(RED, ADA))
    told.when(notify).then()
    told.when(EndWatch(RED, ADA)).then()
    waiting(BEGUN, WatcherNotified(RED, ADA)).when(WATCH).then(BEGUN)


def test_nobody_is_told_of_what_is_gone_again() -> None:
    waiting(BEGUN).when(NotifyWatcher(RED, ADA)).then_refused(NotBackYet)
    waiting().when(NotifyWatcher(RED, ADA)).then()


def test_a_guest_is_forgotten_when_the_notice_is_written() -> None:
    told = waiting(asked(), WatchConfirmed(RED, GUEST), WatcherNotified(RED, GUEST))
    told.when(ASK).then()
    ended = WatchEnded(RED, GUEST, "told", "gst_1")
    over = told.when(EndWatch(RED, GUEST, Ending.TOLD)).then(ended)
    assert ended.forgets() == ("gst_1",)
    over.when(ASK).then(asked(new_id("gst")))


def test_who_unsubscribes_waits_no_more() -> None:
    end = EndWatch(RED, ADA)
    ended = WatchEnded(RED, ADA, "unsubscribed", None)
    over = waiting(BEGUN).when(end).then(ended)
    assert ended.forgets() == ()
    over.when(end).then()
    waiting().when(end).then()


def test_an_address_that_nobody_confirms_is_forgotten() -> None:
    lapse = LapseWatch(RED, GUEST)
    waiting(asked()).when(lapse, at=ENDS).then(WatchEnded(RED, GUEST, "lapsed", "gst_1"))
    waiting(asked()).when(lapse).then_refused(WatchNotDue)
    waiting(asked(), WatchConfirmed(RED, GUEST)).when(lapse, at=ENDS).then_refused(WatchNotDue)
    waiting().when(lapse, at=ENDS).then_refused(WatchNotDue)
