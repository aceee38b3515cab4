"""Many commands as one: all of them or none."""

import pytest

from application.bulk import Atomically
from application.ledger.accounts import OpenAccount
from application.ledger.journal import PostEntry, ReverseEntry
from application.wallet.holds import HoldResult, PlaceHold, ReleaseHold
from application.wallet.topups import TopUp
from application.wallet.wallets import OpenWallet, WalletOpenedResult
from domain.ledger.accounts import AccountType
from domain.ledger.postings import Posting
from domain.wallet.holds import HoldEnded
from domain.wallet.wallet import InsufficientFunds, WalletExists, WalletNotFound
from tests.kit.scenario import given
from tests.kit.wallets import ADA, ADA_OPENED, BOOKS, BORA, BORA_OPENED, held, lira, topped_up

FUNDED = (BOOKS, ADA_OPENED, topped_up(100))


def test_commands_stand_together_and_each_sees_what_those_before_it_did() -> None:
    bulk = Atomically((PlaceHold(ADA, lira(60), "ord_1"), PlaceHold(ADA, lira(40), "ord_2")))
    answer = given(*FUNDED).when(bulk)
    answer.then(*held(60, version=3), *held(40, version=4, hold_id="ord_2"))
    answer.then_result(
        [HoldResult("ord_1", f"wallet-{ADA}.3"), HoldResult("ord_2", f"wallet-{ADA}.4")]
    )


def test_one_refusal_refuses_all_and_says_which_it_was() -> None:
    bulk = Atomically((PlaceHold(ADA, lira(60), "ord_1"), PlaceHold(ADA, lira(41), "ord_2")))
    given(*FUNDED).when(bulk).then_refused(InsufficientFunds, available=40, asked=41, index=1)


def test_the_first_of_several_refusals_is_the_answer() -> None:
    bulk = Atomically((TopUp(BORA, lira(1)), PlaceHold(ADA, lira(101))))
    given(*FUNDED).when(bulk).then_refused(WalletNotFound, index=0)


def test_a_key_that_one_command_claims_is_taken_for_the_next() -> None:
    bulk = Atomically((OpenWallet("usr_ada", "TRY", ADA), OpenWallet("usr_ada", "TRY")))
    given(BOOKS).when(bulk).then_refused(WalletExists, wallet_id=ADA, index=1)


def test_a_wallet_opened_in_a_bulk_is_there_for_the_rest_of_it() -> None:
    bulk = Atomically((OpenWallet("usr_ada", "TRY", ADA), TopUp(ADA, lira(5))))
    answer = given(BOOKS).when(bulk)
    assert answer.state(f"wallet-{ADA}").available == lira(5)
    result = answer.decision.result
    assert isinstance(result, list)
    assert result[0] == WalletOpenedResult(ADA)


def test_a_hold_is_not_released_twice_within_a_bulk() -> None:
    twice = Atomically((ReleaseHold(ADA, "ord_1"), ReleaseHold(ADA, "ord_1")))
    given(*FUNDED, *held(60, version=3)).when(twice).then_refused(HoldEnded, index=1)


def test_no_commands_do_nothing() -> None:
    given().when(Atomically(())).then().then_result([])


@pytest.mark.parametrize("commands", [1, 2, 50])
def test_a_bulk_is_fetched_for_in_as_many_looks_as_one_command(commands: int) -> None:
    wallets = [OpenWallet(f"usr_{n}", "TRY", f"wal_{n}") for n in range(commands)]
    assert given(BOOKS).when(Atomically(tuple(wallets))).looks == 3


def test_a_refusal_that_may_come_of_what_is_missing_is_not_final() -> None:
    bulk = Atomically((PlaceHold(BORA, lira(1), "ord_2"), PlaceHold(ADA, lira(100), "ord_1")))
    answer = given(*FUNDED, BORA_OPENED, topped_up(1, wallet=BORA)).when(bulk)
    assert answer.decision.refusal is None


def test_an_account_opened_in_a_bulk_is_there_for_the_rest_of_it() -> None:
    till = OpenAccount("own.till", AccountType.ASSET, "Till")
    lines = (Posting("own.till", lira(5)), Posting("sales", lira(-5)))
    answer = given(BOOKS).when(Atomically((till, PostEntry(lines))))
    assert answer.decision.refusal is None


def test_an_entry_posted_in_a_bulk_may_be_taken_back_in_it() -> None:
    bulk = Atomically((TopUp(ADA, lira(5)), ReverseEntry(f"wallet-{ADA}.2")))
    answer = given(BOOKS, ADA_OPENED).when(bulk)
    assert answer.state(f"wallet-{ADA}").available == lira(0)
