"""USR-04: what a person is found by, whatever the spelling, and what is meant by what is typed."""

import pytest

from infrastructure.users.search_words import PREFIX_MAX, Contact, asked_words, folded, words_of

pytestmark = pytest.mark.row("USR-04")


@pytest.mark.parametrize(
    "spelling", ["I\u015e\u0131k", "\u0130\u015fik", "isik", "ISIK", "\u0131\u015f\u0131k"]
)
def test_all_spellings_of_a_turkish_word_are_one(spelling: str) -> None:
    assert folded(spelling) == "isik"


def test_prefixes_have_two_to_sixteen_letters() -> None:
    words = words_of(Contact("A " + "b" * 40, None, None))
    assert words == {f"name:{'b' * n}" for n in range(2, PREFIX_MAX + 1)}


def test_a_number_is_found_with_and_without_its_country() -> None:
    words = words_of(Contact(None, None, "+905321"), country_code="90")
    assert {"phone:905321", "phone:5321"} <= words
    assert asked_words("0 532") == [{"phone:532": "phone"}]


def test_nobody_is_found_by_nothing() -> None:
    assert words_of(Contact(None, None, None)) == frozenset()
    assert asked_words("a , b") == asked_words("+0") == []


def test_a_whole_long_address_means_that_address_alone() -> None:
    assert asked_words("somebody.long@example.com") == [
        {"email=somebody.long@example.com": "email"}
    ]
