"""CAT-14: whoever holds an NFC tag sees what it stands for, and a copied proof is noticed."""

import pytest

from infrastructure.catalog.ntag424 import proof_of
from tests.http.catalog.staff import Staff

pytestmark = pytest.mark.row("CAT-14")

TAGS = "/api/admin/nfc-tags"
UID = "04DE5F1EACC040"
KEY = "000102030405060708090a0b0c0d0e0f"
MUG = {"variant_id": "var_mug1", "sku": "MUG-1"}


def tapped(counter: int, key: str = KEY, uid: str = UID) -> str:
    """Give the address that a tag mirrors at a counter."""
    proof = proof_of(bytes.fromhex(key), bytes.fromhex(uid), counter)
    return f"/api/nfc/{uid}?ctr={counter:06X}&cmac={proof.hex().upper()}"


async def bound(staff: Staff, **more: object) -> None:
    await staff.product("prd_mug1", MUG)
    body = {"uid": UID, "variant_id": "var_mug1"}
    assert await staff.done("POST", TAGS, body | more) == {"uid": UID}


async def test_a_plain_tag_leads_to_its_variant_and_proves_nothing(staff: Staff) -> None:
    await bound(staff)
    resolved = await staff.seen(f"/api/nfc/{UID}")
    assert (resolved["kind"], resolved["serial"], resolved["proof"]) == (
        "variant",
        None,
        "unsigned",
    )
    assert resolved["variant"]["sku"] == "MUG-1"
    public = (await staff.public(f"/api/nfc/{UID}")).json()
    assert public == resolved | {"variant": None}, "a draft is not shown"
    assert await staff.refused("GET", "/api/nfc/04000000000000") == (404, "catalog.tag_not_found")


async def test_a_signed_tag_proves_itself_once_for_each_time_it_is_tapped(staff: Staff) -> None:
    await bound(staff, secret=KEY, kind="unit", serial="SN-7")
    assert (await staff.seen(f"/api/nfc/{UID}"))["proof"] == "missing"
    for counter in (1, 7):
        answer = await staff.public(tapped(counter))
        assert (answer.json()["proof"], answer.json()["serial"]) == ("verified", "SN-7")
    for counter in (7, 3, 7):
        assert (await staff.public(tapped(counter))).json()["proof"] == "replayed"
    assert (await staff.public(tapped(8))).json()["proof"] == "verified"


async def test_staff_see_which_tags_may_have_a_clone(staff: Staff) -> None:
    await bound(staff, secret=KEY)
    await staff.done("POST", TAGS, {"uid": "04000000000001", "variant_id": "var_mug1"})
    for counter in (9, 9, 9, 8):
        await staff.public(tapped(counter))
    end = (await staff.get("/api/events?limit=500")).json()
    told = [one["type"] for one in end if one["type"].startswith("catalog.tag_")]
    assert told[2:] == ["catalog.tag_read", *["catalog.tag_clone_suspected"] * 2]
    staff.position = str(end[-1]["position"])
    (one,) = (await staff.seen(f"{TAGS}?only_suspected=true"))["items"]
    assert (one["uid"], one["counter"], one["suspicions"], one["signed"]) == (UID, 9, 2, True)
    assert one["suspected_at"] is not None
    assert len((await staff.seen(TAGS))["items"]) == 2


@pytest.mark.row("SEC-10")
async def test_a_proof_by_another_key_is_refused_and_the_key_is_nowhere(staff: Staff) -> None:
    await bound(staff, secret=KEY)
    for wrong in (tapped(5, "00" * 16), tapped(5).replace("000005", "000006")):
        assert await staff.refused("GET", wrong) == (422, "catalog.tag_proof_wrong")
    feed = await staff.get("/api/events")
    listed = await staff.get(TAGS)
    event = await staff.get(f"/api/audit/events/{staff.position}")
    for text in (feed.text, listed.text, event.text, staff.api.lines().decode()):
        assert KEY not in text


async def test_an_unbound_tag_stands_for_nothing_until_it_is_bound_anew(staff: Staff) -> None:
    await bound(staff, secret=KEY)
    again = {"uid": UID, "variant_id": "var_mug1"}
    assert await staff.refused("POST", TAGS, again) == (409, "catalog.tag_already_bound")
    await staff.done("DELETE", f"{TAGS}/{UID}")
    assert (await staff.get(f"/api/nfc/{UID}")).status_code == 404
    await staff.done("POST", TAGS, again)
    assert (await staff.seen(f"/api/nfc/{UID}"))["proof"] == "unsigned"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"uid": "04de5f1eacc040"}, 422, "field.wrong_format"),
        ({"uid": "04DE5F1E", "secret": KEY}, 422, "catalog.tag_can_not_sign"),
        ({"secret": KEY[2:]}, 422, "field.wrong_format"),
        ({"kind": "unit"}, 422, "catalog.tag_invalid"),
        ({"variant_id": "var_none"}, 404, "catalog.variant_not_found"),
    ],
)
async def test_refuses_what_is_no_tag(
    staff: Staff, body: dict[str, object], status: int, code: str
) -> None:
    await staff.product("prd_mug1", MUG)
    answer = await staff.ask("POST", TAGS, {"uid": UID, "variant_id": "var_mug1"} | body)
    problem = answer.json()
    codes = {problem["code"], *(error["code"] for error in problem.get("errors", ()))}
    assert (answer.status_code, code in codes) == (status, True), problem
