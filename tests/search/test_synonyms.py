"""SRC-01: synonyms are set all at once, and only those that a search can go by."""

import pytest

from application.search.synonyms import SetSynonyms, SynonymsResult
from domain.search.events import Synonyms, SynonymsSet
from domain.search.synonyms import GROUPS_MAX, TERM_LENGTH_MAX, TERMS_MAX, SynonymsInvalid
from tests.kit.scenario import given

pytestmark = pytest.mark.row("SRC-01")

BOTH = Synonyms(("kilim", "halı"))
ONE_WAY = Synonyms(("bardak",), source="sürahi takımı")


def test_they_are_set_in_place_of_those_before() -> None:
    given().when(SetSynonyms((BOTH, ONE_WAY))).then(SynonymsSet((BOTH, ONE_WAY)))
    before = SynonymsSet((BOTH,))
    given(before).when(SetSynonyms((ONE_WAY,))).then(SynonymsSet((ONE_WAY,)))
    given(before).when(SetSynonyms(())).then(SynonymsSet(()))


def test_what_is_so_already_is_no_news() -> None:
    given(SynonymsSet((BOTH,))).when(SetSynonyms((BOTH,))).then()
    given().when(SetSynonyms(())).then()


@pytest.mark.parametrize(
    ("group", "facts"),
    [
        (Synonyms(("kilim",)), {"limit": TERMS_MAX}),
        (Synonyms((), source="kilim"), {"limit": TERMS_MAX}),
        (Synonyms(tuple(f"kelime{n}" for n in range(TERMS_MAX + 1))), {"limit": TERMS_MAX}),
        (Synonyms(("kilim", "?!")), {"term": "?!"}),
        (Synonyms(("kilim", "halı"), source="…"), {"term": "…"}),
        (Synonyms(("kilim", "x" * (TERM_LENGTH_MAX + 1))), {"term": "x" * TERM_LENGTH_MAX}),
        (Synonyms(("kilim", "a b c d e f")), {"term": "a b c d e f"}),
    ],
)
def test_what_no_search_can_go_by_is_refused(group: Synonyms, facts: dict[str, str]) -> None:
    given().when(SetSynonyms((group,))).then_refused(SynonymsInvalid, **facts)


def test_there_are_not_too_many_groups() -> None:
    many = SetSynonyms((BOTH,) * (GROUPS_MAX + 1))
    given().when(many).then_refused(SynonymsInvalid, limit=GROUPS_MAX)


def test_the_answer_says_how_many_hold() -> None:
    assert SynonymsResult(2).groups == 2
