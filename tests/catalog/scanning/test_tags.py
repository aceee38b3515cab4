"""CAT-14: an NFC tag stands for a variant, a unit or a package, and its counter only goes up."""

import pytest

from application.catalog.finding import VariantNotFound
from application.catalog.tags import BindTag, ReadingResult, ReadTag, TagResult, UnbindTag
from domain.catalog.content import Text
from domain.catalog.events import ProductCreated
from domain.catalog.tags.events import TagBound, TagCloneSuspected, TagRead, TagUnbound
from domain.catalog.tags.tags import (
    COUNTER_MAX,
    SERIAL_LENGTH_MAX,
    SUSPICIONS_MAX,
    Kind,
    Proof,
    TagAlreadyBound,
    TagInvalid,
    TagNotFound,
)
from domain.catalog.variant_events import VariantAdded
from domain.kernel.events import Personal
from domain.kernel.refusals import Refusal
from tests.kit.scenario import given

pytestmark = pytest.mark.row("CAT-14")

UID = "04DE5F1EACC040"
KEY = "000102030405060708090a0b0c0d0e0f"
CREATED = ProductCreated("prd_mug", "mug", {"tr": Text("Bardak")})
MUG = VariantAdded("prd_mug", "var_mug", "MUG-1", None, None, {}, None)
PLAIN = TagBound(UID, "variant", "var_mug", None, None)
SIGNED = TagBound(UID, "variant", "var_mug", None, Personal(f"nfc_{UID}", KEY))


def test_a_tag_stands_for_a_variant_and_its_key_is_sealed_for_itself_alone() -> None:
    bound = given(CREATED, MUG).when(BindTag(UID, "var_mug", secret=KEY)).then(SIGNED)
    bound.then_result(TagResult(UID))
    assert KEY not in repr(BindTag(UID, "var_mug", secret=KEY))


@pytest.mark.parametrize("kind", [Kind.UNIT, Kind.PACKAGE])
def test_a_tag_stands_for_a_unit_or_package_with_its_serial(kind: Kind) -> None:
    command = BindTag(UID, "var_mug", kind, "SN-7")
    given(CREATED, MUG).when(command).then(TagBound(UID, kind.value, "var_mug", "SN-7", None))


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (BindTag(UID, "var_none"), VariantNotFound),
        (BindTag("04DE5F", "var_mug"), TagInvalid),
        (BindTag(UID.lower(), "var_mug"), TagInvalid),
        (BindTag(UID, "var_mug", Kind.VARIANT, "SN-7"), TagInvalid),
        (BindTag(UID, "var_mug", Kind.UNIT), TagInvalid),
        (BindTag(UID, "var_mug", Kind.UNIT, " "), TagInvalid),
        (BindTag(UID, "var_mug", Kind.UNIT, "x" * (SERIAL_LENGTH_MAX + 1)), TagInvalid),
        (UnbindTag(UID), TagNotFound),
        (ReadTag(UID, 1), TagNotFound),
    ],
)
def test_refuses_what_is_no_tag(command: object, refusal: type[Refusal]) -> None:
    given(CREATED, MUG).when(command).then_refused(refusal)


def test_a_tag_stands_for_one_thing_until_it_is_unbound() -> None:
    given(CREATED, MUG, PLAIN).when(BindTag(UID, "var_mug")).then_refused(TagAlreadyBound)
    unbound = given(CREATED, MUG, PLAIN).when(UnbindTag(UID)).then(TagUnbound(UID))
    unbound.when(UnbindTag(UID)).then_refused(TagNotFound)
    unbound.when(BindTag(UID, "var_mug")).then(PLAIN)


def test_a_counter_that_goes_up_is_verified() -> None:
    first = given(CREATED, MUG, SIGNED).when(ReadTag(UID, 0)).then(TagRead(UID, 0))
    first.then_result(ReadingResult(UID, Proof.VERIFIED))
    first.when(ReadTag(UID, 5)).then(TagRead(UID, 5))


@pytest.mark.parametrize("counter", [60, 61])
def test_a_counter_that_stays_or_goes_back_is_suspected_once(counter: int) -> None:
    story = given(CREATED, MUG, SIGNED, TagRead(UID, 61))
    suspected = story.when(ReadTag(UID, counter))
    suspected.then(TagCloneSuspected(UID, counter, 61))
    suspected.then_result(ReadingResult(UID, Proof.REPLAYED))
    suspected.when(ReadTag(UID, counter)).then().then_result(ReadingResult(UID, Proof.REPLAYED))


def test_a_hundred_suspicions_of_a_tag_are_told_and_not_one_more() -> None:
    read = TagRead(UID, 1_000)
    almost = [TagCloneSuspected(UID, n, 1_000) for n in range(SUSPICIONS_MAX - 1)]
    last = given(CREATED, MUG, SIGNED, read, *almost).when(ReadTag(UID, 500))
    last.then(TagCloneSuspected(UID, 500, 1_000))
    last.when(ReadTag(UID, 501)).then().then_result(ReadingResult(UID, Proof.REPLAYED))


def test_a_tag_without_a_key_counts_nothing_and_a_counter_has_three_bytes() -> None:
    given(CREATED, MUG, PLAIN).when(ReadTag(UID, 1)).then_refused(TagInvalid)
    given(CREATED, MUG, SIGNED).when(ReadTag(UID, COUNTER_MAX)).then(TagRead(UID, COUNTER_MAX))
    given(CREATED, MUG, SIGNED).when(ReadTag(UID, COUNTER_MAX + 1)).then_refused(TagInvalid)


def test_a_tag_that_is_bound_anew_counts_anew() -> None:
    again = given(CREATED, MUG, SIGNED, TagRead(UID, 61), TagUnbound(UID), SIGNED)
    again.when(ReadTag(UID, 1)).then(TagRead(UID, 1))
