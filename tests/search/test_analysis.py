"""SRC-01: what a text is found by, however Turkish is inflected, spelt and typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.search.analysis import WORD_LENGTH_MAX, fold, phrase, stems, words
from domain.search.asking import WORDS_MAX, asked, corrected, meanings_of
from domain.search.closeness import alike, closest
from domain.search.events import Synonyms
from domain.search.stems import stem

pytestmark = pytest.mark.row("SRC-01")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("IŞIK ışık İnce ince", "isik isik ince ince"),
        ("ŞĞÜÖÇ şğüöç", "sguoc sguoc"),
        ("kâğıt hâlâ Café", "kagit hala cafe"),
        ("’iPhone‘", "'iphone'"),
    ],
)
def test_letters_are_folded_to_their_ascii_twins(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("stemmed", "forms"),
    [
        ("kitap", "kitap kitabı kitaplar kitapları kitabının kitabım kitaplarımın kitaptan KİTAP"),
        ("ayakkap", "ayakkabı ayakkabılar ayakkabısı ayakkabi ayakkabıdan"),
        ("canta", "çanta çantası çantalar çantayı çantasını canta"),
        ("yuzuk", "yüzük yüzüğü yüzükler"),
        ("renk", "renk renkler rengi renkli"),
        ("ev", "ev evler"),
        ("kadin", "kadın kadınlar"),
        ("su", "su"),
    ],
)
def test_inflected_words_have_one_stem(stemmed: str, forms: str) -> None:
    assert set(stems(forms)) <= {stemmed, *(["reng"] if stemmed == "renk" else [])}


@pytest.mark.parametrize(
    ("one", "other"),
    [("sandalye", "sandal"), ("masa", "mas"), ("alt", "altın"), ("kase", "kas"), ("tül", "tütü")],
)
def test_words_of_their_own_keep_apart(one: str, other: str) -> None:
    assert set(stems(one)).isdisjoint(stems(other))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("500 ml 500ml", [(("500ml",), ("500", "ml"))] * 2),
        ("1,5 litre", [(("1.5l",), ("1.5", "l"))]),
        ('27" 27 inç', [(("27inc",), ("27", "inc"))] * 2),
        ("42 numara", [(("42",),), (("numara",),)]),
        ("t-shirt", [(("tshirt",), ("t", "shirt"))]),
        ("3 t-shirt", [(("3",),), (("tshirt",), ("t", "shirt"))]),
        ("iPhone'lar", [(("iphone",), ("iphonelar"[:-3],))[:1]]),
        ("Levi's", [(("levi",), ("levis",))]),
        ("L'Oréal", [(("loreal",),)]),
        ("!?", []),
    ],
)
def test_units_hyphens_and_apostrophes(text: str, found: list[object]) -> None:
    assert list(words(text)) == found


@given(st.text())
def test_any_text_has_words_without_marks_or_signs_and_is_analysed_alike_twice(text: str) -> None:
    found = stems(text)
    assert found == stems(text)
    assert all(one and len(one) <= WORD_LENGTH_MAX + 3 for one in found)
    assert not any(set(one) & set("'\\=& |!:*()") for one in found)
    assert phrase(phrase(text)) == phrase(text)


def test_a_question_leaves_filling_words_away_unless_they_are_all_it_says() -> None:
    assert asked("masa ve sandalye için", {}) == asked("masa sandalye", {})
    assert asked("ve", {}) == ((("ve",),),)
    assert len(asked(" ".join(f"kelime{n}" for n in range(20)), {})) == WORDS_MAX


def test_a_letter_before_a_word_may_have_lost_its_hyphen() -> None:
    assert asked("t shirt", {}) == ((("t", "shirt"), ("tshirt",)),)
    assert asked("5 kitap", {}) == ((("5",),), (("kitap",),))


def test_synonyms_stand_for_whole_terms_the_longest_first() -> None:
    meanings = meanings_of(
        [
            Synonyms(("cep telefonu", "akıllı telefon", "mobil")),
            Synonyms(("kılıf",), source="cep"),
        ]
    )
    [whole] = asked("cep telefonu", meanings)
    assert whole == (("cep", "telefon"), ("akil", "telefon"), ("mobil",))
    assert asked("cep", meanings) == ((("cep",), ("kilif",)),)
    assert asked("kılıf", meanings) == ((("kilif",),),)
    assert asked("mobil kutu", meanings)[1] == (("kutu",),)


def test_only_words_that_nothing_is_told_with_are_corrected() -> None:
    question = asked("kırmzı t-shirt kitap", {})
    close = {"kirmz": ("kirmiz",), "tshirt": (), "t": (), "kitep": ("kitap",)}
    first, shirt, last = corrected(question, close)
    assert first == (("kirmz",), ("kirmiz",))
    assert shirt == (("tshirt",), ("t", "shirt"))
    assert last == (("kitap",),)


def test_every_part_of_a_term_is_corrected() -> None:
    question = asked("cep telefnu", meanings_of([Synonyms(("cep telefnu", "mobil"))]))
    [term] = corrected(question, {"telefn": ("telefon",), "mobil": ()})
    assert ("cep", "telefon") in term


@pytest.mark.parametrize(
    ("word", "candidates", "found"),
    [
        ("kitpa", ["kitap", "kapit"], ("kitap",)),
        ("kiap", ["kitap", "kiraz"], ("kitap",)),
        ("kitapp", ["kitap"], ("kitap",)),
        ("bardek", ["bardak", "berdek"], ("bardak", "berdek")),
        ("pantalom", ["pantolon"], ("pantolon",)),
        ("kap", ["kapi", "cap"], ()),
        ("s24x", ["s24y"], ()),
        ("masalar", ["mas"], ()),
        ("kutu", ["kutup", "kulu"], ("kulu", "kutup")),
    ],
)
def test_a_slip_or_two_of_the_finger_are_close(
    word: str, candidates: list[str], found: tuple[str, ...]
) -> None:
    assert closest(word, candidates) == found


def test_trigrams_are_those_of_the_database() -> None:
    assert alike("kitap", "kitpa")
    assert not alike("kitap", "bardak")


def test_a_word_is_cut_only_a_few_times() -> None:
    assert stem("lerlerlerlerlerler") == "lerler"
