import pytest

from domain.kernel.events import Claim, Event, Personal, stream_of
from domain.kernel.refusals import Refusal, RuleBroken


class Full(RuleBroken):
    code = "test.full"


def test_a_personal_value_never_shows_itself() -> None:
    words = Personal("usr_ada", "Ada Lovelace")
    assert "Ada Lovelace" not in repr(words)
    assert "Ada Lovelace" not in f"{words}"
    assert repr(words) == "Personal('usr_ada', …)"


def test_personal_values_are_equal_by_subject_text_and_seal() -> None:
    words = Personal("usr_ada", "hello")
    assert words == Personal("usr_ada", "hello")
    assert hash(words) == hash(Personal("usr_ada", "hello"))
    assert words != Personal("usr_bora", "hello")
    assert words != Personal("usr_ada", "hello!")
    assert words != Personal("usr_ada", sealed="hello")
    assert words != "hello"


def test_an_event_takes_and_releases_nothing_unless_it_says_so() -> None:
    assert Event().takes() == ()
    assert Event().releases() == ()


def test_an_event_without_a_key_belongs_nowhere() -> None:
    with pytest.raises(NotImplementedError):
        _ = Event().key


def test_a_stream_is_named_for_its_category_and_key() -> None:
    assert stream_of("wallet", "wal_ada") == "wallet-wal_ada"


def test_claims_are_equal_by_kind_and_key() -> None:
    assert Claim("a", "b") == Claim("a", "b") != Claim("b", "a")


def test_a_refusal_says_what_for_people_and_a_code_and_facts_for_machines() -> None:
    refusal: Refusal = Full("it is full", room=0)
    assert (str(refusal), refusal.code, refusal.facts) == ("it is full", "test.full", {"room": 0})
