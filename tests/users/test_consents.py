"""USR-11: a consent names a text that was published, and its withdrawal counts at once."""

import hashlib

import pytest

from application.users.consents import (
    ConsentResult,
    ConsentTextResult,
    GiveConsent,
    PublishConsentText,
    WithdrawConsent,
)
from domain.kernel.events import Event, Personal
from domain.kernel.refusals import Refusal
from domain.users.consent_events import (
    ConsentEvent,
    ConsentGiven,
    ConsentTextPublished,
    ConsentWithdrawn,
)
from domain.users.consents import (
    TEXTS_PER_PURPOSE_MAX,
    Channel,
    ChannelNotYours,
    ConsentNotGiven,
    Consents,
    Purpose,
    TextChanged,
    TextUnknown,
    TooManyTexts,
)
from domain.users.customer import CustomerNotFound, Locale
from domain.users.events import CustomerRegistered
from tests.kit.scenario import STAFF, acting_for, given

pytestmark = pytest.mark.row("USR-11")

ADA, BORA = "cus_ada1", "cus_bora"
REGISTERED = CustomerRegistered(ADA, None, None, None, "tr")
WORDS, OTHER_WORDS = "Koşullar", "Başka koşullar"


def published(text: str, version: str = "2026-03", locale: str = "tr") -> ConsentTextPublished:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return ConsentTextPublished("terms", version, locale, sha256, text)


TEXT, NEWER, ENGLISH = (
    published(WORDS),
    published(WORDS, "2026-04"),
    published("Terms", locale="en"),
)
GIVEN = ConsentGiven(ADA, "terms", "2026-03", "tr", "paper", Personal(ADA, "form 7"))
GIVEN_ANEW = ConsentGiven(ADA, "terms", "2026-04", "tr", "web", None)
WITHDRAWN = ConsentWithdrawn(ADA, "terms", "2026-03", "web")

PUBLISH = PublishConsentText(Purpose.TERMS, "2026-03", Locale.TURKISH, WORDS)
PUBLISH_OTHER = PublishConsentText(Purpose.TERMS, "2026-03", Locale.TURKISH, OTHER_WORDS)
GIVE = GiveConsent(ADA, Purpose.TERMS, "2026-03", Locale.TURKISH, Channel.PAPER, "form 7")
GIVE_NEWER = GiveConsent(ADA, Purpose.TERMS, "2026-04", Locale.TURKISH, Channel.WEB)
WITHDRAW = WithdrawConsent(ADA, Purpose.TERMS, Channel.WEB)

TEXT_STATES: dict[str, tuple[Event, ...]] = {"none": (), "published": (TEXT,)}
STATES: dict[str, tuple[Event, ...]] = {
    "no text": (REGISTERED,),
    "not given": (REGISTERED, TEXT, NEWER),
    "given": (REGISTERED, TEXT, NEWER, GIVEN),
    "withdrawn": (REGISTERED, TEXT, NEWER, GIVEN, WITHDRAWN),
}
Expected = type[Refusal] | tuple[Event, ...]
TABLE: list[tuple[str, object, Expected]] = [
    ("no text", GIVE, TextUnknown),
    ("no text", GIVE_NEWER, TextUnknown),
    ("no text", WITHDRAW, ConsentNotGiven),
    ("not given", GIVE, (GIVEN,)),
    ("not given", GIVE_NEWER, (GIVEN_ANEW,)),
    ("not given", WITHDRAW, ConsentNotGiven),
    ("given", GIVE, ()),
    ("given", GIVE_NEWER, (GIVEN_ANEW,)),
    ("given", WITHDRAW, (WITHDRAWN,)),
    ("withdrawn", GIVE, (GIVEN,)),
    ("withdrawn", GIVE_NEWER, (GIVEN_ANEW,)),
    ("withdrawn", WITHDRAW, ConsentNotGiven),
]
TEXT_TABLE: list[tuple[str, object, Expected]] = [
    ("none", PUBLISH, (TEXT,)),
    ("none", PUBLISH_OTHER, (published(OTHER_WORDS),)),
    ("published", PUBLISH, ()),
    ("published", PUBLISH_OTHER, TextChanged),
]


@pytest.mark.parametrize(("state", "command", "expected"), TABLE)
def test_every_state_answers_every_command(state: str, command: object, expected: Expected) -> None:
    answer = given(*STATES[state]).when(command)
    if isinstance(expected, tuple):
        answer.then(*expected)
    else:
        answer.then_refused(expected)


@pytest.mark.parametrize(("state", "command", "expected"), TEXT_TABLE)
def test_every_text_answers_every_publication(
    state: str, command: object, expected: Expected
) -> None:
    answer = given(*TEXT_STATES[state]).when(command)
    if isinstance(expected, tuple):
        answer.then(*expected)
    else:
        answer.then_refused(expected)


def test_the_tables_hold_every_pair() -> None:
    assert {(state, command) for state, command, _ in TABLE} == {
        (state, command) for state in STATES for command in (GIVE, GIVE_NEWER, WITHDRAW)
    }
    assert len(TEXT_TABLE) == len(TEXT_STATES) * 2


def test_answers_tell_what_holds_and_what_a_text_hashes_to() -> None:
    given(REGISTERED, TEXT).when(GIVE).then_result(ConsentResult(ADA, Purpose.TERMS, given=True))
    given(*STATES["given"]).when(WITHDRAW).then_result(
        ConsentResult(ADA, Purpose.TERMS, given=False)
    )
    given().when(PUBLISH).then_result(
        ConsentTextResult(Purpose.TERMS, "2026-03", Locale.TURKISH, TEXT.sha256)
    )


def test_a_text_in_one_language_is_none_in_another() -> None:
    asked = GiveConsent(ADA, Purpose.TERMS, "2026-03", Locale.ENGLISH, Channel.WEB)
    given(REGISTERED, TEXT).when(asked).then_refused(TextUnknown)
    given(REGISTERED, TEXT, ENGLISH).when(asked).then(
        ConsentGiven(ADA, "terms", "2026-03", "en", "web", None)
    )


def test_a_customer_agrees_for_themselves_alone() -> None:
    given(REGISTERED, TEXT).when(GIVE, actor=acting_for(BORA)).then_refused(CustomerNotFound)
    given(*STATES["given"]).when(WITHDRAW, actor=acting_for(BORA)).then_refused(CustomerNotFound)
    given(TEXT).when(GIVE).then_refused(CustomerNotFound)


def test_on_paper_and_by_telephone_a_consent_is_noted_by_staff() -> None:
    own_hand = STAFF._replace(actor_id=ADA, on_behalf_of=ADA)
    given(REGISTERED, TEXT).when(GIVE, actor=own_hand).then_refused(ChannelNotYours)
    given(REGISTERED, TEXT).when(GIVE, actor=acting_for(ADA)).then(GIVEN)
    given(REGISTERED, NEWER).when(GIVE_NEWER, actor=own_hand).then(GIVEN_ANEW)
    called = WithdrawConsent(ADA, Purpose.TERMS, Channel.CALL)
    given(*STATES["given"]).when(called, actor=own_hand).then_refused(ChannelNotYours)


def test_what_is_withdrawn_for_one_purpose_holds_for_another() -> None:
    notice = ConsentGiven(ADA, "privacy_notice", "1", "tr", "web", None)
    answer = given(*STATES["given"], notice).when(WITHDRAW)
    assert answer.state(f"consents-{ADA}") == Consents({"privacy_notice": "1"})


def test_refuses_one_text_too_many_for_a_purpose() -> None:
    full = [published(WORDS, f"v{n}") for n in range(TEXTS_PER_PURPOSE_MAX)]
    given(*full).when(PUBLISH).then_refused(TooManyTexts)
    given(*full[1:]).when(PUBLISH).then(TEXT)


def test_an_event_that_consents_do_not_know_is_never_guessed_at() -> None:
    with pytest.raises(AssertionError):
        Consents.evolve(None, ConsentEvent())
