"""Nothing is told before the log confirmed who asks, nor kept in another name (IAM-05)."""

from typing import Any

import psycopg
import pytest
from psycopg.errors import AdminShutdown

from application.identity.accounts import SuspendAccount
from application.identity.roles import DefineRole
from infrastructure.audit.refusals import Refused
from infrastructure.event_log.writing import batch
from tests.http.fakes import NotedRefusals
from tests.http.identity.house import House
from tests.http.identity.test_let_in import choose, clerk
from tests.http.identity.test_login import ME, code_of, let_in

pytestmark = pytest.mark.row("IAM-05")

LIRA = {"minor": 100, "currency": "TRY"}
PRICED = {
    "texts": {"tr": {"name": "Defter"}},
    "variants": [{"sku": "S-1", "price": {"amount": LIRA}}],
}


def last_refused(house: House) -> Refused:
    """Give what was kept of the last refusal."""
    kept = house.api.services.refusals
    assert isinstance(kept, NotedRefusals)
    return kept.noted[-1]


async def out_of_reach(*_: object) -> None:
    raise ConnectionError("the database is away")


async def test_wider_rights_count_in_what_a_command_is_made_of(house: House) -> None:
    """A price beside a product needs a permission of its own, which was given elsewhere."""
    person = await clerk(house)
    await house.tell(DefineRole("clerk", "Clerk", ("catalog.manage",)))
    refused = await house.post("/api/admin/products", PRICED, of=person)
    assert code_of(refused) == (403, "auth.permission_missing")
    await house.tell(DefineRole("clerk", "Clerk", ("catalog.manage", "pricing.manage")))
    answer = await house.post("/api/admin/products", PRICED, of=person)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("path", ["/api/users/me/settings", "/api/admin/brands"])
async def test_whom_they_acted_for_is_not_kept_of_who_is_not_known(house: House, path: str) -> None:
    """Neither where they were assumed to be let in, nor where they would not have been."""
    await house.register()
    phone, laptop = await house.login(), await house.login()
    assert (await choose(house, phone)).status_code == 200
    await house.call("DELETE", f"{ME}/{phone.session_id}", of=laptop, at=house.second)
    method = "PATCH" if path.endswith("settings") else "POST"
    answer = await house.call(method, path, {"theme": "dark"}, of=phone)
    assert code_of(answer) == (401, "auth.session_ended")
    assert last_refused(house).on_behalf_of is None
    assert last_refused(house).actor == last_refused(house).key_id


@pytest.mark.parametrize("body", [{"token": "nonsense"}, {"token": 1}])
async def test_while_nobody_can_be_looked_at_nothing_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch, body: dict[str, object]
) -> None:
    """Neither what the request lacks nor what is not found before it is sent."""
    person = await clerk(house)
    path = "/api/products/watches/confirm"
    known = await house.post(path, body, of=person)
    assert known.status_code in {404, 422}
    await house.tell(SuspendAccount(person.person_id, "away"))
    monkeypatch.setattr(house.api.services.accounts, "rights", out_of_reach)
    assert (await house.post(path, body, of=person)).status_code == 503


async def test_an_answer_that_was_lost_is_found_though_the_command_changed_the_rights(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Removing a role moves the very stream that the caller was let in by."""
    person = await clerk(house)
    await house.tell(DefineRole("clerk", "Clerk", ("identity.roles", "catalog.manage")))
    await house.tell(DefineRole("other", "Other", ("catalog.manage",)))
    named = await house.post("/api/admin/brands", {"name": "Paşabahçe"}, of=person)
    assert named.status_code == 201
    write, lost = batch.write, list[bool]()

    async def cut(*given: Any, **named: Any) -> None:  # noqa: ANN401 - as `write` takes it
        await write(*given, **named)
        if not lost:
            lost.append(True)
            raise AdminShutdown("the server went after its COMMIT")

    monkeypatch.setattr(batch, "write", cut)
    path = "/api/admin/roles/other"
    answer = await house.call("DELETE", path, of=person, headers={"Idempotency-Key": "once"})
    assert (lost, answer.status_code) == ([True], 200)


async def test_what_a_fail_over_took_back_is_known_no_more(house: House) -> None:
    """The log is shorter than it was seen: nobody stays let in by what is not in it."""
    await house.register()
    phone, laptop = await house.login(), await house.login()
    assert await let_in(house, laptop)
    with psycopg.connect(house.database_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE defter.events DISABLE TRIGGER ALL")
        owner.execute(
            "DELETE FROM defter.events WHERE position ="
            " (SELECT max(position) FROM defter.events WHERE stream = %s)",
            [f"account-{phone.person_id}"],
        )
        owner.execute("ALTER TABLE defter.events ENABLE TRIGGER ALL")
    assert not await let_in(house, laptop)
    assert await let_in(house, phone)
