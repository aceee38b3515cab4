"""The book that every handler works on: versions, claims, guarded accounts, limits."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import pytest

from application.book import (
    EVENTS_PER_COMMAND_MAX,
    Book,
    ClaimTaken,
    Missing,
    TooManyEvents,
    VersionChanged,
    entry_address,
)
from application.envelope import Actor, Envelope, command_id_for
from application.wallet.holds import PlaceHold
from domain.kernel.events import Claim, Event
from domain.ledger.books import BooksNotOpen
from domain.wallet.events import OWNER_CLAIM, SchemeChosen, WalletOpened
from domain.wallet.wallet import Wallet
from tests.kit.memory import ForgetfulMemory, LogInMemory
from tests.kit.scenario import COMMAND_ID, NOW, STAFF, TENANT_ID, acting_for, given
from tests.kit.wallets import ADA, ADA_OPENED, BOOKS, BORA_OPENED, held, lira, sent, topped_up


def book_over(*events: Event) -> Book:
    envelope = Envelope(TENANT_ID, COMMAND_ID, b"", None, STAFF, "test")
    return Book(LogInMemory(events), envelope, NOW)


def test_a_command_decides_on_the_version_its_caller_read() -> None:
    story = given(BOOKS, ADA_OPENED, topped_up(100))
    command, stream = PlaceHold(ADA, lira(1), "ord_1"), f"wallet-{ADA}"
    story.when(command, expects={stream: 2}).then(*held(1, version=3))
    story.when(command, expects={stream: 1}).then_refused(VersionChanged)
    story.when(command, expects={stream: 3}).then_refused(VersionChanged)
    story.when(command, expects={stream: 2, "hold-ord_1": 1}).then_refused(VersionChanged)


def test_what_was_recorded_is_seen_at_once() -> None:
    book = book_over(BOOKS)
    book.record(ADA_OPENED)
    book.record(topped_up(5))
    wallet = book.find(Wallet, ADA)
    assert wallet is not None
    assert wallet.available == lira(5)
    assert [(stream, version) for stream, version, _ in book.events] == [
        (f"wallet-{ADA}", 1),
        (f"wallet-{ADA}", 2),
    ]
    assert book.states[f"wallet-{ADA}"] == (2, wallet)


def test_a_claim_is_seen_at_once_and_taken_once() -> None:
    book, claim = book_over(), Claim(OWNER_CLAIM, "usr_ada/TRY")
    assert book.owner(claim) is None
    book.record(ADA_OPENED)
    assert book.owner(claim) == f"wallet-{ADA}"
    assert book.claims == {claim: f"wallet-{ADA}"}
    with pytest.raises(ClaimTaken):
        book.record(WalletOpened("wal_second", "usr_ada", "TRY"))


def test_a_claim_that_stands_in_the_log_is_taken() -> None:
    with pytest.raises(ClaimTaken):
        book_over(ADA_OPENED).record(WalletOpened("wal_second", "usr_ada", "TRY"))


@dataclass(frozen=True, slots=True)
class OwnerLeft(WalletOpened):
    """A wallet event that gives its owner's place back; none of today's does."""

    NAME: ClassVar[str] = "wallet.owner_left"

    def takes(self) -> tuple[Claim, ...]:
        return ()

    def releases(self) -> tuple[Claim, ...]:
        return (Claim(OWNER_CLAIM, f"{self.owner}/{self.currency}"),)


def test_a_released_claim_may_be_taken_again_in_the_same_command() -> None:
    book, claim = book_over(ADA_OPENED), Claim(OWNER_CLAIM, "usr_ada/TRY")
    book.record(OwnerLeft(ADA, "usr_ada", "TRY"))
    assert book.owner(claim) is None
    book.record(WalletOpened("wal_second", "usr_ada", "TRY"))
    assert book.owner(claim) == "wallet-wal_second"


@pytest.mark.row("WLT-02")
def test_a_posting_to_a_guarded_account_needs_its_owner_in_the_same_command() -> None:
    sent_only, received = sent(10, version=3)
    ready = (BOOKS, ADA_OPENED, BORA_OPENED, topped_up(10))
    book = book_over(*ready)
    book.record(sent_only)
    with pytest.raises(AssertionError, match="wallet-wal_bora"):
        book.close()
    book.record(received)
    book.close()


def test_an_entry_needs_open_books() -> None:
    with pytest.raises(BooksNotOpen):
        book_over(ADA_OPENED).record(topped_up(10))


def test_a_command_records_5000_events_and_not_one_more() -> None:
    book, chosen = book_over(), SchemeChosen("licensed")
    book.record(*[chosen] * EVENTS_PER_COMMAND_MAX)
    with pytest.raises(TooManyEvents):
        book.record(chosen)


def test_ids_differ_within_a_command_and_repeat_when_it_runs_again() -> None:
    first, again = book_over(), book_over()
    ids = [first.new_id("wal"), first.new_id("wal")]
    assert ids[0] != ids[1]
    assert ids == [again.new_id("wal"), again.new_id("wal")]


def test_an_event_of_the_log_is_found_by_stream_and_version() -> None:
    book = book_over(BOOKS, ADA_OPENED, topped_up(10))
    assert book.event(f"wallet-{ADA}", 2) == topped_up(10)
    assert book.event(f"wallet-{ADA}", 3) is None
    assert book.event("wallet-wal_no", 1) is None


@pytest.mark.parametrize(
    ("entry_id", "address"),
    [
        ("wallet-wal_ada.2", ("wallet-wal_ada", 2)),
        ("journal-a.b.17", ("journal-a.b", 17)),
        ("wallet-wal_ada.999999999999999999", ("wallet-wal_ada", 999_999_999_999_999_999)),
        ("wallet-wal_ada.1000000000000000000", None),
        ("wallet-wal_ada", None),
        ("wallet-wal_ada.", None),
        ("wallet-wal_ada.0", None),
        ("wallet-wal_ada.02", None),
        ("wallet-wal_ada.-2", None),
        ("wallet-wal_ada.x", None),
        ("wallet-wal_ada.²", None),
        ("wallet-wal_ada.٢", None),
        ("", None),
    ],
)
def test_an_entry_id_is_a_stream_and_a_version(
    entry_id: str, address: tuple[str, int] | None
) -> None:
    assert entry_address(entry_id) == address


@pytest.mark.row("TEN-05")
def test_an_idempotency_key_never_meets_another_tenant_s_or_caller_s() -> None:
    other_tenant = UUID("7e000000-0000-4000-8000-000000000002")
    ids = {
        command_id_for(TENANT_ID, STAFF, "k1"),
        command_id_for(TENANT_ID, STAFF, "k2"),
        command_id_for(other_tenant, STAFF, "k1"),
        command_id_for(TENANT_ID, Actor("stf_ece"), "k1"),
        command_id_for(TENANT_ID, acting_for("usr_ada"), "k1"),
        command_id_for(TENANT_ID, acting_for("usr_bora"), "k1"),
    }
    assert len(ids) == 6
    assert command_id_for(TENANT_ID, STAFF, "k1") in ids


def test_words_of_an_actor_and_a_key_never_run_into_each_other() -> None:
    assert command_id_for(TENANT_ID, Actor("a/b"), "c") != command_id_for(
        TENANT_ID, Actor("a", on_behalf_of="b"), "c"
    )
    assert command_id_for(TENANT_ID, Actor("a", on_behalf_of="b/c"), "d") != command_id_for(
        TENANT_ID, Actor("a", on_behalf_of="b"), "c/d"
    )


def test_an_actor_reaches_what_the_person_acted_for_reaches() -> None:
    assert STAFF.subject == "stf_deniz"
    assert acting_for("usr_ada").subject == "usr_ada"


def test_a_memory_that_is_asked_for_several_streams_learns_of_all_at_once() -> None:
    forgetful = ForgetfulMemory(LogInMemory([ADA_OPENED, BORA_OPENED]))
    envelope = Envelope(TENANT_ID, COMMAND_ID, b"", None, STAFF, "test")
    book = Book(forgetful, envelope, NOW)
    with pytest.raises(Missing):
        book.find_all(Wallet, ("wal_ada", "wal_bora"))
    forgetful.fetch()
    ada, bora = book.find_all(Wallet, ("wal_ada", "wal_bora"))
    assert ada is not None
    assert bora is not None
