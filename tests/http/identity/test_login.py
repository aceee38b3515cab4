"""Registration, login, sessions (IAM-01 to IAM-05), over a real database and two processes."""

import secrets

import bcrypt
import httpx
import pytest

from application.identity.accounts import SuspendAccount
from infrastructure.identity.passwords import UNKNOWN
from tests.http.fakes import OTHER
from tests.http.identity.house import ANOTHER, EMAIL, PASSWORD, House, Person

ME = "/api/auth/sessions"


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def let_in(house: House, person: Person, *, second: bool = False) -> bool:
    answer = await house.call("GET", ME, of=person, at=house.second if second else house.api)
    assert answer.status_code == 200 or code_of(answer) == (401, "auth.session_ended")
    return answer.status_code == 200


@pytest.mark.row("IAM-01")
async def test_whoever_registers_is_known_unverified_and_can_log_in(house: House) -> None:
    person_id = await house.register()
    assert person_id.startswith("cus_")
    assert house.events(person_id) == ["account_opened", "password_set"]
    person = await house.login()
    assert person.person_id == person_id
    shown = await house.call("GET", f"/api/customers/{person_id}", of=person, headers=house.seen())
    assert shown.json()["email"] == EMAIL


@pytest.mark.row("IAM-01")
async def test_an_address_is_registered_once_in_a_tenant_and_again_in_another(
    house: House,
) -> None:
    await house.register()
    body = {"name": "Eve", "email": EMAIL.upper(), "password": ANOTHER}
    for path in ("/api/users", "/api/auth/register"):
        again = await house.post(path, body)
        assert again.status_code == 409
    assert house.ask("SELECT count(*) FROM defter.credentials") == [(1,)]
    theirs = {"X-API-Key": house.api.key(tenant_id=OTHER, slug="other")}
    assert (await house.post("/api/users", body, headers=theirs)).status_code == 201


@pytest.mark.row("IAM-01")
@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short-one", "password.too_short"),
        ("x" * 129, "password.too_long"),
        ("password1234567", "password.easily_guessed"),
        ("zeynepkaya2026", "password.easily_guessed"),
        ("canaryzeynep1", "password.easily_guessed"),
        ("galatasaray1905", "password.easily_guessed"),
        ("1234567890qwe", "password.easily_guessed"),
    ],
)
async def test_a_weak_password_is_refused_with_its_reason(
    house: House, password: str, reason: str
) -> None:
    body = {"name": "Zeynep Kaya", "email": EMAIL, "password": password}
    answer = await house.post("/api/users", body)
    assert code_of(answer) == (422, "identity.password_weak")
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/password", reason)
    assert password not in answer.text
    assert house.ask("SELECT count(*) FROM defter.credentials") == [(0,)]


async def test_a_password_of_no_text_is_refused_and_not_repeated(house: House) -> None:
    body = b'{"email":"a@a.example","password":"\\ud800canary-half-a-letter"}'
    headers = {"X-API-Key": house.publishable, "Content-Type": "application/json"}
    answer = await house.api.client.post("/api/auth/login", content=body, headers=headers)
    assert answer.status_code in {400, 422}
    assert "canary-half" not in answer.text
    assert b"canary-half" not in house.api.lines()


async def test_needs_a_key_that_names_the_tenant(house: House) -> None:
    body = {"email": EMAIL, "password": PASSWORD}
    answer = await house.api.client.post("/api/auth/login", json=body)
    assert code_of(answer) == (401, "auth.key_missing")


@pytest.mark.row("IAM-02")
async def test_a_login_begins_a_session_that_the_log_knows(house: House) -> None:
    await house.register()
    before = await house.login()
    body = {"email": EMAIL, "password": PASSWORD}
    answer = await house.post("/api/users/login", body)
    told = answer.json()
    assert answer.headers["defter-position"]
    assert told["session_id"] != before.session_id
    assert told["expires_at"] < told["refresh_expires_at"]
    assert house.events(before.person_id).count("session_begun") == 2


@pytest.mark.row("IAM-02")
async def test_wrong_unknown_and_closed_are_told_alike(house: House) -> None:
    await house.register()
    theirs = {"X-API-Key": house.api.key(tenant_id=OTHER, slug="other")}
    answers = [
        await house.post("/api/auth/login", {"email": EMAIL, "password": ANOTHER}),
        await house.post("/api/auth/login", {"email": "no@a.example", "password": PASSWORD}),
        await house.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD}, headers=theirs),
    ]
    told = [answer.json() | {"request_id": ""} for answer in answers]
    assert code_of(answers[0]) == (401, "auth.credentials_wrong")
    assert told[0] == told[1] == told[2]
    assert {answer.headers["content-length"] for answer in answers} == {
        answers[0].headers["content-length"]
    }


@pytest.mark.row("IAM-02")
async def test_a_closed_account_is_told_like_none(house: House) -> None:
    person_id = await house.register()
    staff = {"X-API-Key": house.api.key(), "Idempotency-Key": "close"}
    path = f"/api/customers/{person_id}/erasure"
    closed = await house.api.client.post(path, json={"reason": "asked"}, headers=staff)
    assert closed.status_code == 201, closed.text
    assert house.events(person_id)[-1] == "account_closed"
    assert house.ask("SELECT count(*) FROM defter.credentials") == [(1,)], "it is not yet forgotten"
    answers = [
        await house.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD}),
        await house.post("/api/auth/login", {"email": EMAIL, "password": ANOTHER}),
        await house.post("/api/auth/login", {"email": "no@a.example", "password": PASSWORD}),
    ]
    told = [answer.json() | {"request_id": ""} for answer in answers]
    assert code_of(answers[0]) == (401, "auth.credentials_wrong")
    assert told[0] == told[1] == told[2]


@pytest.mark.row("IAM-02")
async def test_only_whoever_knows_the_password_learns_of_a_suspension(house: House) -> None:
    person_id = await house.register()
    await house.tell(SuspendAccount(person_id, "canary reason"))
    wrong = await house.post("/api/auth/login", {"email": EMAIL, "password": ANOTHER})
    assert code_of(wrong) == (401, "auth.credentials_wrong")
    right = await house.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD})
    assert code_of(right) == (403, "identity.account_suspended")


@pytest.mark.row("SEC-09")
async def test_a_bcrypt_hash_verifies_once_and_is_replaced(house: House) -> None:
    person_id = await house.register()
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    house.ask("UPDATE defter.credentials SET password_hash = %s", old)
    wrong = await house.post("/api/auth/login", {"email": EMAIL, "password": ANOTHER})
    assert wrong.status_code == 401
    assert house.ask("SELECT password_hash FROM defter.credentials") == [(old,)]
    await house.login()
    ((kept,),) = house.ask("SELECT password_hash FROM defter.credentials")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (await house.login()).person_id == person_id


@pytest.mark.row("IAM-03")
async def test_after_logging_out_neither_token_is_taken_any_more(house: House) -> None:
    person = await house.newcomer()
    other = await house.login()
    assert (await house.call("POST", "/api/auth/logout", {}, of=person)).status_code == 200
    assert not await let_in(house, person)
    refused = await house.post("/api/auth/refresh", {"refresh_token": person.refresh})
    assert code_of(refused) == (401, "auth.session_ended")
    assert await let_in(house, other)


@pytest.mark.row("IAM-04")
async def test_everybody_can_read_the_keys_that_verify(house: House) -> None:
    await house.newcomer()
    answer = await house.api.client.get("/.well-known/jwks.json")
    [key] = answer.json()["keys"]
    assert key.keys() == {"kty", "crv", "alg", "use", "kid", "x"}


@pytest.mark.row("IAM-05")
async def test_sessions_are_listed_with_where_they_began(house: House) -> None:
    await house.register()
    phone = await house.login(headers={"User-Agent": "canary-phone"})
    laptop = await house.login(headers={"User-Agent": "canary-laptop"})
    listed = (await house.call("GET", ME, of=laptop, headers=house.seen())).json()["items"]
    assert [one["device"] for one in listed] == ["canary-laptop", "canary-phone"]
    assert [one["current"] for one in listed] == [True, False]
    assert {one["address"] for one in listed} == {"203.0.113.77"}
    assert listed[1]["session_id"] == phone.session_id
    await house.post("/api/auth/refresh", {"refresh_token": phone.refresh})
    again = (await house.call("GET", ME, of=laptop, headers=house.seen())).json()["items"]
    assert again[1]["last_seen_at"] > listed[1]["last_seen_at"]


@pytest.mark.row("IAM-05")
async def test_an_ended_session_is_refused_by_another_process_on_the_very_next_call(
    house: House,
) -> None:
    await house.register()
    phone, laptop = await house.login(), await house.login()
    assert await let_in(house, phone, second=True)
    ended = await house.call("DELETE", f"{ME}/{phone.session_id}", of=laptop)
    assert ended.status_code == 200
    assert not await let_in(house, phone, second=True)
    assert await let_in(house, laptop, second=True)
    again = await house.call("DELETE", f"{ME}/{phone.session_id}", of=laptop)
    assert code_of(again) == (404, "identity.session_not_found")


@pytest.mark.row("IAM-05")
async def test_all_other_sessions_end_at_once(house: House) -> None:
    await house.register()
    people = [await house.login() for _ in range(3)]
    answer = await house.call("DELETE", ME, of=people[1])
    assert answer.json() == {"ended": 2}
    assert [await let_in(house, one) for one in people] == [False, True, False]


@pytest.mark.row("IAM-05")
async def test_another_persons_session_is_as_absent_as_none(house: House) -> None:
    ada, bora = await house.newcomer(), await house.newcomer("bora@b.example")
    theirs = await house.call("DELETE", f"{ME}/{bora.session_id}", of=ada)
    absent = await house.call("DELETE", f"{ME}/ses_{secrets.token_hex(16)}", of=ada)
    assert theirs.status_code == absent.status_code == 404
    assert theirs.json() | {"request_id": ""} == absent.json() | {"request_id": ""}
    assert await let_in(house, bora)


async def test_a_secret_key_has_no_session_of_its_own(house: House) -> None:
    answer = await house.call("GET", ME, headers={"X-API-Key": house.api.secret})
    assert code_of(answer) == (403, "auth.session_needed")


@pytest.mark.row("SEC-09")
async def test_who_steals_the_database_can_use_nothing_of_it(house: House) -> None:
    person = await house.newcomer()
    secrets_of_people = (
        PASSWORD,
        person.access,
        person.refresh,
        person.refresh.removeprefix("drt_"),
        EMAIL,
        "Zeynep",
        "203.0.113.77",
    )
    rows = "\n".join(house.everything())
    assert "$argon2id$" in rows
    assert [one for one in secrets_of_people if one in rows] == []
    logged = house.api.lines().decode()
    assert [one for one in secrets_of_people if one in logged] == []
    assert UNKNOWN not in rows
