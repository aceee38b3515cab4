"""A command is let in by what was seen last, and answered by what is so (IAM-05, IAM-08)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from application.identity.accounts import AssignRoles, OpenAccount, SuspendAccount
from application.identity.logins import EmailAddress
from application.identity.roles import DefineRole
from application.identity.sessions import BeginSession
from application.sending import Outcome
from domain.identity.account import Kind
from infrastructure.identity.standing import Rights
from interfaces.http.routes import ROUTES
from interfaces.http.routing.command import SENDINGS_MAX, CommandRoute
from tests.http.fakes import TENANT
from tests.http.identity.house import EMAIL, PASSWORD, House, Person
from tests.http.identity.test_login import ME, code_of, let_in

SETTINGS = "/api/users/me/settings"
DARK = {"theme": "dark"}
CHOSEN = "SELECT count(*) FROM defter.events WHERE type = 'users.theme_chosen'"
BRANDS = "SELECT count(*) FROM defter.events WHERE type = 'catalog.brand_added'"
PRICED_VARIANT = {"sku": "S-1", "price": {"amount": {"minor": 100, "currency": "TRY"}}}

pytestmark = pytest.mark.row("IAM-05")


async def choose(
    house: House,
    person: Person,
    body: Mapping[str, object] = DARK,
    *,
    second: bool = False,
    key: str = "",
) -> httpx.Response:
    """Send a command whose answer is the log's alone."""
    given = {"Idempotency-Key": key} if key else {}
    at = house.second if second else house.api
    return await house.call("PATCH", SETTINGS, body, of=person, at=at, headers=given)


@pytest.fixture
def looks(house: House, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note who was looked at."""
    told: list[str] = []
    accounts = house.api.services.accounts
    rights = accounts.rights

    async def noted(tenant_id: object, person_id: str) -> Rights:
        told.append(person_id)
        return await rights(tenant_id, person_id)  # type: ignore[arg-type] - as it was called

    monkeypatch.setattr(accounts, "rights", noted)
    return told


async def test_who_was_seen_is_not_looked_at_again(house: House, looks: list[str]) -> None:
    person = await house.newcomer()
    assert (await choose(house, person)).status_code == 200
    looks.clear()
    for theme in ("light", "dark", "light"):
        assert (await choose(house, person, {"theme": theme})).json()["changed"] == 1
    assert looks == []
    assert await let_in(house, person)
    assert looks == [person.person_id], "what no command decides is looked at"


@pytest.mark.parametrize(
    "body", [DARK, {"theme": "pink"}, {"theme": "light", "privacy": {"all": True}}]
)
async def test_who_was_shown_out_elsewhere_gets_nothing_whatever_they_ask(
    house: House, looks: list[str], body: Mapping[str, object]
) -> None:
    """Neither a decision, nor what would be wrong with the request, nor an outcome of before."""
    await house.register()
    phone, laptop = await house.login(), await house.login()
    assert (await choose(house, phone, key="once")).status_code == 200
    assert (await choose(house, phone, key="once")).headers["Idempotent-Replay"] == "true"
    ended = await house.call("DELETE", f"{ME}/{phone.session_id}", of=laptop, at=house.second)
    assert ended.status_code == 200
    looks.clear()
    for key in ("once", "another"):
        answer = await choose(house, phone, body, key=key)
        assert code_of(answer) == (401, "auth.session_ended")
        assert looks == [phone.person_id]
        looks.clear()
    assert (await choose(house, laptop, body)).status_code == (200 if body == DARK else 422)


async def test_who_is_suspended_elsewhere_changes_nothing(house: House) -> None:
    person = await house.newcomer()
    assert (await choose(house, person)).status_code == 200
    await house.tell(SuspendAccount(person.person_id, "chargebacks"))
    before = house.ask("SELECT count(*) FROM defter.commands")
    assert code_of(await choose(house, person, {"theme": "light"})) == (401, "auth.session_ended")
    assert house.ask("SELECT count(*) FROM defter.commands") == before


async def test_who_came_in_elsewhere_is_let_in_at_once(house: House, looks: list[str]) -> None:
    await house.register()
    phone = await house.login()
    assert (await choose(house, phone)).status_code == 200
    told = await house.post(
        "/api/auth/login", {"email": EMAIL, "password": PASSWORD}, at=house.second
    )
    laptop = Person(phone.person_id, told.json()["session_id"], told.json()["access_token"], "")
    looks.clear()
    assert (await choose(house, laptop)).status_code == 200
    assert looks == [phone.person_id], "the session was not known here"


async def clerk(house: House) -> Person:
    """Give somebody of the staff who has logged in and may set tax rates by a role of the shop."""
    person_id, session_id = "stf_deniz1", "ses_deniz1"
    await house.tell(DefineRole("clerk", "Clerk", ("pricing.manage",)))
    email = EmailAddress("deniz@ada.example", "d" * 64)
    await house.tell(OpenAccount(person_id, Kind.STAFF, email, ("clerk",)))
    await house.tell(BeginSession(person_id, session_id, "password", "till", timedelta(hours=1)))
    token, _ = await house.api.services.tokens.issue(TENANT, person_id, session_id)
    return Person(person_id, session_id, token, "")


async def test_rights_that_are_narrower_count_at_once(house: House, looks: list[str]) -> None:
    """Whether the roles are others, or allow less."""
    person = await clerk(house)
    rates, right = "/api/admin/tax-rates", {"tax_class": "reduced", "rate": "9", "since": "2027-01"}
    for change in (
        AssignRoles(person.person_id, ("warehouse",)),
        DefineRole("clerk", "Clerk", ("catalog.manage",)),
    ):
        await house.tell(AssignRoles(person.person_id, ("clerk",)))
        await house.tell(DefineRole("clerk", "Clerk", ("pricing.manage",)))
        assert (await house.call("PUT", rates, {}, of=person)).status_code == 422
        await house.tell(change)
        for body in ({}, right):
            looks.clear()
            answer = await house.call("PUT", rates, body, of=person)
            assert code_of(answer) == (403, "auth.permission_missing")
            assert looks == [person.person_id]


async def test_the_log_itself_keeps_out_who_may_no_more(house: House, looks: list[str]) -> None:
    person = await clerk(house)
    brands, body = "/api/admin/brands", {"name": "Paşabahçe"}
    await house.tell(DefineRole("clerk", "Clerk", ("catalog.manage",)))
    assert (await house.post(brands, body, of=person)).status_code == 201
    await house.tell(DefineRole("clerk", "Clerk", ("pricing.manage",)))
    before = house.ask("SELECT count(*) FROM defter.commands")
    looks.clear()
    answer = await house.post(brands, body, of=person)
    assert code_of(answer) == (403, "auth.permission_missing")
    assert looks == [person.person_id]
    assert house.ask("SELECT count(*) FROM defter.commands") == before


async def test_rights_that_are_others_and_enough_are_enough(house: House, looks: list[str]) -> None:
    """The command is sent again by itself, once."""
    person = await house.newcomer()
    assert (await choose(house, person)).status_code == 200
    await house.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD}, at=house.second)
    looks.clear()
    answer = await choose(house, person, {"theme": "light"}, key="again")
    assert (answer.status_code, answer.json()["changed"]) == (200, 1)
    assert "Idempotent-Replay" not in answer.headers
    assert looks == [person.person_id]


@pytest.mark.parametrize("seen", [True, False])
async def test_what_changes_behind_a_look_counts_too(
    house: House, monkeypatch: pytest.MonkeyPatch, *, seen: bool
) -> None:
    """Whether they were assumed to be let in before it, or never seen by this process."""
    person = await house.newcomer()
    accounts = house.second.services.accounts
    look = accounts.rights
    if seen:
        assert (await choose(house, person, second=True)).status_code == 200
        await house.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD})
    looks: list[Rights] = []

    async def suspended_behind_it(tenant_id: UUID, person_id: str) -> Rights:
        looks.append(await look(tenant_id, person_id))
        if len(looks) == 1:
            await house.tell(SuspendAccount(person_id, "chargebacks"))
        return looks[-1]

    monkeypatch.setattr(accounts, "rights", suspended_behind_it)
    answer = await choose(house, person, {"theme": "light"}, second=True)
    assert code_of(answer) == (401, "auth.session_ended")
    assert [rights.account is not None and rights.account.suspended for rights in looks] == [
        False,
        True,
    ]
    assert house.ask(CHOSEN) == [(int(seen),)]


async def test_whose_rights_never_rest_is_told_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await clerk(house)
    await house.tell(DefineRole("clerk", "Clerk", ("catalog.manage",)))
    accounts = house.api.services.accounts
    look = accounts.rights
    looks: list[Rights] = []

    async def changed_behind_it(tenant_id: UUID, person_id: str) -> Rights:
        looks.append(await look(tenant_id, person_id))
        roles = ("clerk", "warehouse")[: 1 + len(looks) % 2]
        await house.tell(AssignRoles(person_id, roles))
        return looks[-1]

    monkeypatch.setattr(accounts, "rights", changed_behind_it)
    answer = await house.post("/api/admin/brands", {"name": "Paşabahçe"}, of=person)
    assert code_of(answer) == (503, "auth.rights_changing")
    assert answer.headers["Retry-After"]
    assert len(looks) == SENDINGS_MAX + 1, "one more than it was sent, which began with a look"
    assert house.ask(BRANDS) == [(0,)]


async def test_who_was_just_looked_at_is_refused_at_once(house: House, looks: list[str]) -> None:
    """By the edge, or by what a command is made of."""
    await house.tell(DefineRole("clerk", "Clerk", ("catalog.manage",)))
    person = await clerk(house)
    assert (await house.call("PUT", "/api/admin/tax-rates", {}, of=person)).status_code == 422
    assert looks == [person.person_id]
    looks.clear()
    await house.tell(DefineRole("clerk", "Clerk", ("catalog.manage",)))
    priced = {"texts": {"tr": {"name": "Defter"}}, "variants": [PRICED_VARIANT]}
    answer = await house.post("/api/admin/products", priced, of=person)
    assert code_of(answer) == (403, "auth.permission_missing")
    assert looks == [person.person_id]


async def test_a_refusal_of_the_log_is_told_without_a_look(
    house: House, looks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await house.newcomer()
    assert (await choose(house, person)).status_code == 200
    looks.clear()

    async def refused(_envelope: object) -> Outcome:
        body = b'{"kind":"rule_broken","code":"users.no","detail":"no","facts":{}}'
        return Outcome(7, refused=True, body=body)

    monkeypatch.setattr(house.api.services.sender, "send", refused)
    assert code_of(await choose(house, person)) == (409, "users.no")
    assert looks == []


def test_only_what_the_log_of_the_tenant_decides_needs_no_look() -> None:
    by_path = {(route.path, *(route.methods or ())): route for route in ROUTES}
    assert by_path["/api/wallet/transfers", "POST"].decided_by_log
    assert not by_path["/api/settings/limits", "PUT"].decided_by_log, "of the platform's log"
    own_ways = [route for route in ROUTES if type(route).respond is not CommandRoute[Any].respond]
    assert {type(route).__name__ for route in own_ways} > {"QueryRoute", "RedeemRoute"}
    assert not any(route.decided_by_log for route in own_ways)
    plain = {type(route).__name__ for route in ROUTES if route.decided_by_log}
    assert plain == {"CommandRoute", "ProductRoute", "DirectoryRoute"}, "nor do they ask elsewhere"
