"""AUD-03: an auditor sees everything and changes nothing, and that they looked is in the log."""

from typing import Any

import pytest

from application.audit.reads import NoteAuditRead
from application.permissions import Permission
from application.roles import PERMISSIONS_OF
from application.sending import Overloaded
from domain.identity.roles import BuiltIn
from infrastructure.audit.personal_reads import PersonalReads
from interfaces.http.routes import ROUTES
from interfaces.http.routing.query import QueryRoute
from interfaces.http.routing.route import DefterRoute
from tests.http.audit.audited import EMAIL, NAME, audited, log_in, shop
from tests.http.conftest import Api
from tests.http.fakes import TENANT, RecordingSender
from tests.http.test_whole import Caller
from tests.kit.scenario import STAFF
from tests.sealing.logs import seal

__all__ = ["audited", "shop"]
pytestmark = [pytest.mark.row("AUD-01"), pytest.mark.row("AUD-03")]

READ = "audit.audit_read"
UNDER_AUDIT = [route for route in ROUTES if route.path.startswith("/api/audit")]
MAY = PERMISSIONS_OF[BuiltIn.AUDITOR]
THEIR_OWN = Permission.IDENTITY_SELF
"""What concerns one's own account alone."""
SEEN_WITH_WHAT_CHANGES_IT = {
    Permission.WALLET_APPROVE,
    Permission.KEYS_MANAGE,
    Permission.TENANTS_MANAGE,
    Permission.NOTIFICATIONS_MANAGE,
    Permission.CHANNELS_WEBHOOKS,
}
"""Lists that only those see who may change what is listed; how it changed is seen in the trail."""

ASKED = {
    "/api/audit/{event}": "",
    "/api/audit/at": "stream=books-main",
    "/api/audit/blame": "stream=books-main",
    "/api/audit/diff": "from=0",
    "/api/audit/diff/balances": "from=0",
    "/api/audit/bundle": "from=1&to=1",
    "/api/audit/witnesses": "",
    "/api/audit/checkpoints/latest": "",
    "/api/audit/checkpoints/keys": "",
    "/api/audit/checkpoints/consistency": "old=1",
}
"""What is asked of each that has no pages; the others' pages are one and the same question."""


def method_of(route: DefterRoute) -> str:
    [method] = route.methods or {"GET"}
    return method


async def fed(api: Api) -> list[dict[str, Any]]:
    plain = {"X-API-Key": api.key(scopes=("events.read",), staff_id="stf_feed")}
    answer = await api.client.get(f"/api/events?type={READ}", headers=plain)
    return answer.json()


async def noted(api: Api) -> list[dict[str, Any]]:
    return [event["data"] for event in await fed(api)]


def test_an_auditor_may_do_nothing_but_look() -> None:
    changing = {
        route.permission for route in ROUTES if method_of(route) != "GET" and route.permission
    }
    assert Permission.LEDGER_POST in changing
    assert MAY & changing == {THEIR_OWN}
    assert Permission.PII_READ not in MAY


def test_an_auditor_sees_whatever_can_be_seen_without_being_able_to_change_it() -> None:
    seeing = {
        route.permission for route in ROUTES if method_of(route) == "GET" and route.permission
    }
    assert seeing - MAY == SEEN_WITH_WHAT_CHANGES_IT


def test_everything_under_audit_is_a_question_that_is_noted() -> None:
    assert len(UNDER_AUDIT) >= 4
    for route in UNDER_AUDIT:
        assert isinstance(route, QueryRoute), route.path
        assert route.permission is Permission.AUDIT_READ, route.path


@pytest.mark.parametrize("route", UNDER_AUDIT, ids=lambda route: route.path)
async def test_each_look_of_an_auditor_is_in_the_log_before_they_have_it(
    audited: Api, route: DefterRoute, database_url: str
) -> None:
    auditor = await log_in(audited, "stf_0009", "auditor")
    await (await seal(database_url, TENANT)).close()
    path = route.path.format(event=1, read_model="wallet_balances")
    for page in ("", "limit=10", "limit=20"):
        query = ASKED.get(route.path, page)
        answer = await audited.client.get(f"{path}?{query}", headers=auditor)
        assert answer.status_code == 200, answer.text
    [event] = await noted(audited)
    assert (event["reader_id"], event["route"]) == ("stf_0009", f"GET {route.path}")
    assert event["asked"].keys() == {"subject", "sealed"}
    assert event["request_id"]


async def test_what_an_auditor_sees_of_the_books_is_noted_as_well(audited: Api) -> None:
    auditor = await log_in(audited, "stf_0009", "auditor")
    for path in ("/api/ledger/trial-balance", "/api/ledger/accounts", "/api/auth/sessions"):
        answer = await audited.client.get(path, headers=auditor)
        assert answer.status_code == 200, answer.text
    finance = await log_in(audited, "stf_0010", "finance")
    answer = await audited.client.get("/api/ledger/accounts", headers=finance)
    assert answer.status_code == 200
    assert [(event["reader_id"], event["route"]) for event in await noted(audited)] == [
        ("stf_0009", "GET /api/ledger/trial-balance"),
        ("stf_0009", "GET /api/ledger/accounts"),
    ]


async def test_another_question_is_another_look(audited: Api) -> None:
    auditor = await log_in(audited, "stf_0009", "auditor")
    for asked in ("", "?actor=stf_1", "?actor=stf_1&limit=5", "?limit=5", "?actor=stf_2"):
        answer = await audited.client.get(f"/api/audit{asked}", headers=auditor)
        assert answer.status_code == 200
    events = await fed(audited)
    assert len(events) == 3
    may_read = {"X-API-Key": audited.key(staff_id="stf_0010")}
    position = events[-1]["position"]
    told = await audited.client.get(f"/api/audit/{position}", headers=may_read)
    assert told.json()["data"]["asked"] == "/api/audit?actor=stf_2"


async def test_an_auditor_is_shown_no_persons_text_and_who_may_is_noted_twice(
    audited: Api,
) -> None:
    caller = Caller(audited)
    body = {"name": NAME, "email": EMAIL, "locale": "tr", "customer_id": "cus_ada1"}
    await caller.post("/api/customers", body)
    auditor = await log_in(audited, "stf_0009", "auditor")
    address = f"/api/audit/{int(caller.position) - 1}"
    for path in (address, "/api/audit", "/api/audit/refusals", "/api/customers/cus_ada1"):
        waiting = {"Defter-Min-Position": caller.position}
        answer = await audited.client.get(path, headers=auditor | waiting)
        assert answer.status_code == 200, answer.text
        assert NAME not in answer.text
        assert EMAIL not in answer.text
    assert NAME in (await caller.get(address)).text
    readers = [event["reader_id"] for event in await noted(audited)]
    assert readers[:4] == ["stf_0009"] * 4
    assert len(readers) == 5


async def test_what_can_not_be_noted_is_not_shown_and_a_refusal_is_no_look(audited: Api) -> None:
    auditor = await log_in(audited, "stf_0009", "auditor")
    failing = RecordingSender(error=Overloaded("full"))
    object.__setattr__(audited.services, "personal_reads", PersonalReads(failing))
    answer = await audited.client.get("/api/audit", headers=auditor)
    assert (answer.status_code, answer.json()["code"]) == (503, "audit.read_not_recorded")
    failing.error = None
    wrong = await audited.client.get("/api/audit?nothing=1", headers=auditor)
    assert wrong.status_code == 422
    assert (await audited.client.get("/api/audit/999999", headers=auditor)).status_code == 404
    support = await log_in(audited, "stf_0011", "support")
    assert (await audited.client.get("/api/audit", headers=support)).status_code == 403
    assert failing.sent == []


async def test_of_a_long_address_the_beginning_is_kept() -> None:
    sender = RecordingSender()
    reads = PersonalReads(sender)
    for end in ("a", "b"):
        await reads.note_audit(TENANT, STAFF, "x" * 500 + end, route="GET /a", request_id="r")
    [sent] = sender.sent
    assert sent.command == NoteAuditRead("GET /a", "x" * 500, "r")
