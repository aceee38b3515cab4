"""AUD-01: what staff are shown of persons stands in the log before they are shown it."""

from typing import Any

import pytest

from application.sending import Overloaded
from infrastructure.audit.personal_reads import SAID_FOR_SECONDS, PersonalReads
from tests.architecture.source import ROOT
from tests.http.audit.audited import EMAIL, NAME, audited, log_in, shop
from tests.http.conftest import Api
from tests.http.fakes import TENANT, RecordingSender
from tests.http.test_whole import Caller
from tests.kit.scenario import STAFF

__all__ = ["audited", "shop"]
pytestmark = pytest.mark.row("AUD-01")

READ = "audit.personal_data_read"


async def registered(api: Api, *ids: str) -> Caller:
    caller = Caller(api)
    for customer_id in ids:
        body = {"name": NAME, "email": f"{customer_id}.{EMAIL}", "locale": "tr"}
        await caller.post("/api/customers", {**body, "customer_id": customer_id})
    return caller


async def noted(api: Api) -> list[dict[str, Any]]:
    plain = {"X-API-Key": api.key(scopes=("events.read",), staff_id="stf_feed")}
    answer = await api.client.get(f"/api/events?type={READ}", headers=plain)
    return [event["data"] for event in answer.json()]


async def test_a_page_of_persons_is_one_event_that_says_nothing_of_them(audited: Api) -> None:
    caller = await registered(audited, "cus_ada1", "cus_bora")
    page = await caller.get("/api/customers", **{"X-Request-Id": "req-of-a-test"})
    assert NAME in page.text
    [event] = await noted(audited)
    assert event["subjects"] == ["cus_ada1", "cus_bora"]
    assert (event["route"], event["request_id"]) == ("GET /api/customers", "req-of-a-test")
    assert event["reader_id"].startswith("stf_")
    assert NAME not in str(event)


async def test_the_same_look_is_noted_once_and_another_way_again(audited: Api) -> None:
    caller = await registered(audited, "cus_ada1")
    for _ in range(3):
        await caller.get("/api/customers/cus_ada1")
    await caller.get("/api/customers")
    assert [event["route"] for event in await noted(audited)] == [
        "GET /api/customers/{customer_id}",
        "GET /api/customers",
    ]


async def test_who_may_not_read_personal_data_and_who_reads_their_own_leave_no_note(
    audited: Api,
) -> None:
    caller = await registered(audited, "cus_ada1")
    poor = {"X-API-Key": audited.key(scopes=("users.read",), staff_id="stf_umut")}
    assert NAME not in (await caller.get("/api/customers", **poor)).text
    own = await log_in(audited, "cus_ada1", "customer")
    seen = await audited.client.get("/api/customers/cus_ada1", headers=own)
    assert seen.json()["name"] == NAME
    assert await noted(audited) == []
    staff = await log_in(audited, "stf_0009", "support")
    assert (await audited.client.get("/api/customers/cus_ada1", headers=staff)).status_code == 200
    assert [event["reader_id"] for event in await noted(audited)] == ["stf_0009"]


async def test_what_can_not_be_noted_is_not_shown(audited: Api) -> None:
    caller = await registered(audited, "cus_ada1")
    failing = RecordingSender(error=Overloaded("full"))
    object.__setattr__(audited.services, "personal_reads", PersonalReads(failing))
    answer = await caller.get("/api/customers/cus_ada1")
    assert (answer.status_code, answer.json()["code"]) == (503, "audit.read_not_recorded")
    assert NAME not in answer.text
    failing.error, failing.refused = None, True
    assert (await caller.get("/api/customers/cus_ada1")).status_code == 503
    failing.refused, failing.known = False, {}
    assert NAME in (await caller.get("/api/customers/cus_ada1")).text


async def test_a_look_is_noted_anew_after_a_while() -> None:
    sender, now = RecordingSender(), [0.0]
    reads = PersonalReads(sender, clock=lambda: now[0])

    async def look(*subjects: str, route: str = "GET /a") -> list[frozenset[str]]:
        before = len(sender.sent)
        await reads.note(TENANT, STAFF, subjects, route=route, request_id="req_1")
        return [envelope.command.subjects for envelope in sender.sent[before:]]

    assert await look("cus_ada") == [{"cus_ada"}]
    assert await look("cus_ada", "cus_bora") == [{"cus_bora"}]
    assert await look("cus_ada", route="GET /b") == [{"cus_ada"}]
    now[0] = SAID_FOR_SECONDS - 1
    assert await look("cus_ada", "cus_bora") == []
    now[0] = SAID_FOR_SECONDS
    assert await look("cus_ada", "cus_bora") == [{"cus_ada", "cus_bora"}]


OPENERS = (".opener", "Opener(", "unseal(")
MAY_OPEN = {
    "interfaces/http/parts.py",
    "interfaces/http/server.py",
    # These show nobody what they open: an address that becomes a login, words that a new password
    # must not hold, and sessions to the one whose they are.
    "interfaces/http/identity/customer_accounts.py",
    "interfaces/http/identity/passwords.py",
    "interfaces/http/identity/sessions.py",
    # The key that a tag proves itself with, and what customers looked for, to themselves.
    "interfaces/http/catalog/scanning/tags.py",
    "interfaces/http/search/recent.py",
}
ONE_PLACE = "interfaces/http/wire/personal.py"


def opening(sources: dict[str, str]) -> set[str]:
    return {
        name for name, text in sources.items() if any(word in text for word in OPENERS)
    } - MAY_OPEN


def test_another_place_that_opens_sealed_text_is_found() -> None:
    planted = {"interfaces/http/users/customers.py": "await services.opener.open(view, sealed)"}
    assert opening(planted) == set(planted)


def test_sealed_text_is_opened_in_one_place_alone() -> None:
    sources = {
        file.relative_to(ROOT).as_posix(): file.read_text()
        for file in (ROOT / "interfaces").rglob("*.py")
    }
    assert opening(sources) == {ONE_PLACE}
