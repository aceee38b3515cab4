"""Every command a customer's record takes, in every state that it can be in."""

import pytest

from application.identity.logins import EmailAddress
from application.users.customers import (
    ChangeContact,
    CustomerResult,
    MarkUndeliverable,
    PhoneNumber,
    RegisterCustomer,
)
from application.users.erasure import ErasePerson
from domain.identity.events import AccountOpened, EmailVerified, LoginChanged
from domain.kernel.events import Claim, Event, Personal
from domain.kernel.refusals import Refusal
from domain.ledger.books import BooksNotOpen
from domain.notifications.events import ReceiptsChosen
from domain.users.customer import (
    Customer,
    CustomerExists,
    CustomerNotFound,
    EmailTaken,
    ErasureReason,
    Locale,
    PhoneTaken,
)
from domain.users.events import (
    EMAIL_CLAIM,
    PHONE_CLAIM,
    AddressBounced,
    ContactChanged,
    CustomerEvent,
    CustomerRegistered,
    PersonErased,
)
from tests.kit.scenario import acting_for, given, new_id
from tests.kit.wallets import BOOKS

ADA, BORA = "cus_ada1", "cus_bora"
EMAIL, OTHER = EmailAddress("ada@example.com", "a1"), EmailAddress("ada@new.example", "a2")


def personal(text: str, owner: str = ADA) -> Personal:
    return Personal(owner, text)


REGISTERED = CustomerRegistered(ADA, personal("Ada"), personal(EMAIL.address), EMAIL.key, "tr")
BORA_REGISTERED = CustomerRegistered(
    BORA, None, personal("bora@example.com", BORA), OTHER.key, "en"
)
NAMELESS = CustomerRegistered(ADA, None, None, None, "tr")
MOVED = ContactChanged(ADA, personal("Ada"), personal(OTHER.address), OTHER.key, EMAIL.key, "en")
SILENT = ContactChanged(ADA, None, None, None, EMAIL.key, "tr")
SAME = ContactChanged(ADA, personal("Ada"), personal(EMAIL.address), EMAIL.key, EMAIL.key, "tr")
BOUNCED = AddressBounced(ADA, EMAIL.key, "550 5.1.1")

ERASED = PersonErased(ADA, "asked", EMAIL.key, None)
NUMBER, OTHER_NUMBER = PhoneNumber("+905321234567", "p1"), PhoneNumber("+905321234568", "p2")
CALLED = CustomerRegistered(ADA, None, None, None, "tr", personal(NUMBER.number), NUMBER.key)
CALLED_ELSEWHERE = ContactChanged(
    ADA, None, None, None, None, "tr", personal(OTHER_NUMBER.number), OTHER_NUMBER.key, NUMBER.key
)

MAILED = ReceiptsChosen(mailed=True)

REGISTER = RegisterCustomer("Ada", EMAIL, Locale.TURKISH, ADA)
MOVE = ChangeContact(ADA, "Ada", OTHER, Locale.ENGLISH)
SILENCE = ChangeContact(ADA, None, None, Locale.TURKISH)
CONFIRM = ChangeContact(ADA, "Ada", EMAIL, Locale.TURKISH)
MARK = MarkUndeliverable(ADA, EMAIL.key, "550 5.1.1")

ERASE = ErasePerson(ADA, ErasureReason.ASKED, ("TRY",))

STATES: dict[str, tuple[Event, ...]] = {
    "none": (),
    "reached": (REGISTERED,),
    "bounced": (REGISTERED, BOUNCED),
    "silent": (REGISTERED, SILENT),
    "moved": (REGISTERED, MOVED),
    "erased": (REGISTERED, ERASED),
}
MOVED_AGAIN = ContactChanged(
    ADA, personal("Ada"), personal(EMAIL.address), EMAIL.key, OTHER.key, "tr"
)
TABLE: list[tuple[str, object, type[Refusal] | tuple[Event, ...]]] = [
    ("none", REGISTER, (REGISTERED,)),
    ("none", MOVE, CustomerNotFound),
    ("none", MARK, CustomerNotFound),
    ("reached", REGISTER, CustomerExists),
    ("reached", MOVE, (MOVED,)),
    ("reached", MARK, (BOUNCED,)),
    ("bounced", REGISTER, CustomerExists),
    ("bounced", CONFIRM, (SAME,)),
    ("bounced", MARK, ()),
    ("silent", REGISTER, CustomerExists),
    (
        "silent",
        CONFIRM,
        (ContactChanged(ADA, personal("Ada"), personal(EMAIL.address), EMAIL.key, None, "tr"),),
    ),
    ("silent", MARK, ()),
    ("moved", REGISTER, CustomerExists),
    ("moved", CONFIRM, (MOVED_AGAIN,)),
    ("moved", MARK, ()),
    ("moved", ERASE, (PersonErased(ADA, "asked", OTHER.key, None),)),
    ("none", ERASE, CustomerNotFound),
    ("reached", ERASE, (ERASED,)),
    ("bounced", ERASE, (ERASED,)),
    ("silent", ERASE, (PersonErased(ADA, "asked", None, None),)),
    ("erased", REGISTER, CustomerExists),
    ("erased", MOVE, CustomerNotFound),
    ("erased", MARK, CustomerNotFound),
    ("erased", ERASE, CustomerNotFound),
]


@pytest.mark.parametrize(("state", "command", "expected"), TABLE)
def test_every_state_answers_every_command(
    state: str, command: object, expected: type[Refusal] | tuple[Event, ...]
) -> None:
    answer = given(BOOKS, MAILED, *STATES[state]).when(command)
    if isinstance(expected, tuple):
        answer.then(*expected)
    else:
        answer.then_refused(expected)


def test_the_table_holds_every_pair() -> None:
    pairs = {(state, type(command)) for state, command, _ in TABLE}
    commands = (RegisterCustomer, ChangeContact, MarkUndeliverable, ErasePerson)
    assert pairs == {(state, command) for state in STATES for command in commands}


def test_a_customer_may_be_registered_with_nothing_but_an_id_of_its_own() -> None:
    customer_id = new_id("cus")
    answer = given(BOOKS).when(RegisterCustomer(None, None, Locale.TURKISH))
    answer.then(CustomerRegistered(customer_id, None, None, None, "tr"))
    answer.then_result(CustomerResult(customer_id))


def test_refuses_an_address_that_another_customer_has() -> None:
    given(BOOKS, BORA_REGISTERED).when(
        RegisterCustomer("Ada", OTHER, Locale.TURKISH, ADA)
    ).then_refused(EmailTaken)
    given(BOOKS, REGISTERED, BORA_REGISTERED).when(MOVE).then_refused(EmailTaken)


def test_an_address_that_was_given_up_is_free_for_others() -> None:
    answer = given(BOOKS, MAILED, REGISTERED, MOVED).when(
        RegisterCustomer(None, EMAIL, Locale.ENGLISH, BORA)
    )
    answer.then(CustomerRegistered(BORA, None, personal(EMAIL.address, BORA), EMAIL.key, "en"))


def test_an_address_that_stays_is_neither_given_up_nor_taken_again() -> None:
    assert (SAME.takes(), SAME.releases()) == ((), ())
    assert MOVED.takes() == (Claim(EMAIL_CLAIM, OTHER.key),)
    assert MOVED.releases() == (Claim(EMAIL_CLAIM, EMAIL.key),)
    assert NAMELESS.takes() == ()


@pytest.mark.row("USR-01")
def test_a_telephone_number_is_one_customers_alone() -> None:
    given(BOOKS, CALLED).when(
        RegisterCustomer(None, None, Locale.TURKISH, BORA, NUMBER)
    ).then_refused(PhoneTaken)
    given(BOOKS, CALLED).when(ChangeContact(ADA, None, None, Locale.TURKISH, OTHER_NUMBER)).then(
        CALLED_ELSEWHERE
    )
    given(BOOKS, CALLED, CALLED_ELSEWHERE).when(
        RegisterCustomer(None, None, Locale.TURKISH, BORA, NUMBER)
    ).then(CustomerRegistered(BORA, None, None, None, "tr", personal(NUMBER.number, BORA), "p1"))


def test_a_number_that_stays_is_neither_given_up_nor_taken_again() -> None:
    kept = ContactChanged(ADA, None, None, None, None, "tr", personal(NUMBER.number), "p1", "p1")
    assert (kept.takes(), kept.releases()) == ((), ())
    assert CALLED.takes() == (Claim(PHONE_CLAIM, "p1"),)
    assert CALLED_ELSEWHERE.takes() == (Claim(PHONE_CLAIM, "p2"),)
    assert CALLED_ELSEWHERE.releases() == (Claim(PHONE_CLAIM, "p1"),)


@pytest.mark.row("USR-01")
@pytest.mark.row("USR-06")
def test_an_account_follows_a_new_address_which_is_to_be_verified_again() -> None:
    opened = AccountOpened(ADA, "customer", personal(EMAIL.address), EMAIL.key, ("customer",))
    verified = EmailVerified(ADA, EMAIL.key)
    moved = given(BOOKS, MAILED, REGISTERED, opened, verified).when(MOVE)
    moved.then(MOVED, LoginChanged(ADA, personal(OTHER.address), OTHER.key, EMAIL.key))
    assert moved.state(f"account-{ADA}").verified is False


@pytest.mark.row("NTF-01")
def test_receipts_begin_with_the_first_address_unless_something_else_was_chosen() -> None:
    given(BOOKS).when(REGISTER).then(REGISTERED, MAILED)
    given(BOOKS, NAMELESS).when(CONFIRM).then(
        ContactChanged(ADA, personal("Ada"), personal(EMAIL.address), EMAIL.key, None, "tr"), MAILED
    )
    given(BOOKS, ReceiptsChosen(mailed=False)).when(REGISTER).then(REGISTERED)


def test_refuses_a_customer_before_the_books_are_open_for_their_wallet_needs_them() -> None:
    given().when(REGISTER).then_refused(BooksNotOpen)


def test_a_customer_changes_their_own_contact_and_nobody_elses() -> None:
    given(BOOKS, REGISTERED).when(SILENCE, actor=acting_for(ADA)).then(SILENT)
    given(BOOKS, REGISTERED).when(SILENCE, actor=acting_for(BORA)).then_refused(CustomerNotFound)


def test_an_event_that_a_customer_does_not_know_is_never_guessed_at() -> None:
    with pytest.raises(AssertionError):
        Customer.evolve(None, CustomerEvent())
