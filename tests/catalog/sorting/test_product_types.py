"""CAT-11: product types say what is told of products, and what may be told."""

from dataclasses import replace

import pytest

from application.book import Book
from application.catalog.product_types import (
    ChangeProductType,
    DefineProductType,
    ProductTypeResult,
    check_attributes,
)
from application.envelope import Envelope
from domain.catalog.content import AttributeValue
from domain.catalog.sorting.events import Attribute, ProductTypeDefined
from domain.catalog.sorting.naming import NamesInvalid
from domain.catalog.sorting.product_types import (
    ATTRIBUTES_MAX,
    NUMBER_DIGITS_MAX,
    TEXT_LENGTH_MAX,
    VALUES_MAX,
    AttributeInvalid,
    AttributeKindFixed,
    AttributeMissing,
    ProductTypeExists,
    ProductTypeInvalid,
    ProductTypeNotFound,
)
from tests.kit.memory import LogInMemory
from tests.kit.scenario import COMMAND_ID, NOW, STAFF, TENANT_ID, given, new_id

pytestmark = pytest.mark.row("CAT-11")

NAMES = {"tr": "Bardak"}
COLOUR = Attribute("colour", "choice", NAMES, ("red", "blue"), facet=True, of_variants=True)
HEIGHT = Attribute("height", "number", NAMES, unit="cm")
STORY = Attribute("story", "text", NAMES)
SAFE = Attribute("dishwasher", "boolean", NAMES, required=True)
EVERY = (COLOUR, HEIGHT, STORY, SAFE)
MUG = ProductTypeDefined("pty_mug", NAMES, EVERY)


def test_defines_a_type_under_an_id_of_its_own() -> None:
    answer = given().when(DefineProductType(NAMES, EVERY))
    answer.then(ProductTypeDefined(new_id("pty"), NAMES, EVERY))
    answer.then_result(ProductTypeResult(new_id("pty")))
    again = DefineProductType(NAMES, (), "pty_mug")
    given(MUG).when(again).then_refused(ProductTypeExists)


def test_a_type_is_said_anew_and_what_is_left_away_may_no_longer_be_told() -> None:
    fewer = (replace(COLOUR, values=("red",)), SAFE)
    changed = given(MUG).when(ChangeProductType("pty_mug", NAMES, fewer))
    changed.then(ProductTypeDefined("pty_mug", NAMES, fewer))
    absent = ChangeProductType("pty_none", NAMES, ())
    given().when(absent).then_refused(ProductTypeNotFound)


def test_a_code_stays_of_its_kind_even_after_it_was_away() -> None:
    text = replace(HEIGHT, kind="text", unit=None)
    command = ChangeProductType("pty_mug", NAMES, (text,))
    given(MUG).when(command).then_refused(AttributeKindFixed, attribute="height")
    emptied = ProductTypeDefined("pty_mug", NAMES, ())
    given(MUG, emptied).when(command).then_refused(AttributeKindFixed, attribute="height")


@pytest.mark.parametrize(
    "attributes",
    [
        (COLOUR, COLOUR),
        (replace(COLOUR, code="Colour"),),
        (replace(COLOUR, kind="list"),),
        (replace(COLOUR, values=()),),
        (replace(COLOUR, values=("red", "red")),),
        (replace(COLOUR, values=("red", " ")),),
        (replace(COLOUR, values=tuple(map(str, range(VALUES_MAX + 1)))),),
        (replace(STORY, values=("red",)),),
        (replace(STORY, unit="cm"),),
        (replace(HEIGHT, unit=" "),),
        tuple(replace(STORY, code=f"a{n}") for n in range(ATTRIBUTES_MAX + 1)),
    ],
)
def test_refuses_what_is_no_type(attributes: tuple[Attribute, ...]) -> None:
    refused = given().when(DefineProductType(NAMES, attributes)).decision.refusal
    assert isinstance(refused, ProductTypeInvalid)


def test_type_and_attributes_have_names() -> None:
    given().when(DefineProductType({}, ())).then_refused(NamesInvalid)
    nameless = (replace(STORY, names={}),)
    given().when(DefineProductType(NAMES, nameless)).then_refused(NamesInvalid)


def check(type_id: str | None, **values: AttributeValue) -> None:
    envelope = Envelope(TENANT_ID, COMMAND_ID, b"", None, STAFF, "test")
    check_attributes(Book(LogInMemory([MUG]), envelope, NOW), type_id, values)


@pytest.mark.parametrize(
    "values",
    [
        {"colour": "red"},
        {"colour": ("blue", "red")},
        {"height": 12},
        {"height": -3},
        {"height": "0.5"},
        {"height": "-12.05"},
        {"height": 10**NUMBER_DIGITS_MAX - 1},
        {"story": "Ayşe made it."},
        {"dishwasher": False},
    ],
)
def test_takes_what_is_as_the_type_says(values: dict[str, AttributeValue]) -> None:
    check("pty_mug", **({"dishwasher": True} | values))


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("colour", "green"),
        ("colour", ()),
        ("colour", ("red", "red")),
        ("colour", ("red", "green")),
        ("colour", True),
        ("height", True),
        ("height", "12"),
        ("height", "12.50"),
        ("height", "012.5"),
        ("height", "1e3"),
        ("height", "high"),
        ("height", 10**NUMBER_DIGITS_MAX),
        ("height", "0." + "1" * NUMBER_DIGITS_MAX + "1"),
        ("story", " "),
        ("story", "x" * (TEXT_LENGTH_MAX + 1)),
        ("story", 7),
        ("dishwasher", "yes"),
        ("dishwasher", 1),
        ("weight", 1),
    ],
)
def test_refuses_what_is_not_as_the_type_says(code: str, value: AttributeValue) -> None:
    with pytest.raises(AttributeInvalid) as refused:
        check("pty_mug", **({"dishwasher": True} | {code: value}))
    assert refused.value.facts == {"attribute": code}


def test_what_is_required_has_to_be_told() -> None:
    with pytest.raises(AttributeMissing):
        check("pty_mug", colour="red")


def test_without_a_type_nothing_is_told() -> None:
    check(None)
    with pytest.raises(AttributeInvalid):
        check(None, colour="red")
    with pytest.raises(ProductTypeNotFound):
        check("pty_none")
