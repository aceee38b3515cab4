"""Passwords, mailed links, step-up and lock-out (IAM-06 to IAM-08, SEC-12), over a database."""

import asyncio

import httpx
import pytest

from application.identity.accounts import SuspendAccount, VerifyEmail
from application.wallet.requests.step_up import SetStepUpThreshold
from application.wallet.topups import TopUp
from application.wallet.wallets import OpenWallet
from domain.identity.accounts import LinkPurpose
from domain.kernel.money import Money
from infrastructure.identity import attempts
from infrastructure.identity.attempts import (
    FREE_FROM_ANYWHERE,
    FREE_FROM_ONE_PLACE,
    WAIT_SECONDS_MAX,
)
from tests.http.fakes import OTHER
from tests.http.identity.house import ANOTHER, EMAIL, PASSWORD, House, Person
from tests.http.identity.test_login import code_of, let_in

CHANGE = "/api/auth/password"
RESET = "/api/auth/password/reset"
VERIFY = "/api/auth/email/verify"


async def fail(house: House, email: str = EMAIL) -> httpx.Response:
    return await house.post("/api/auth/login", {"email": email, "password": ANOTHER})


async def change(house: House, person: Person, current: str, new: str) -> httpx.Response:
    body = {"current_password": current, "password": new}
    return await house.call("PUT", CHANGE, body, of=person)


@pytest.mark.row("IAM-07")
async def test_a_changed_password_ends_all_other_sessions(house: House) -> None:
    await house.register()
    phone, laptop = await house.login(), await house.login()
    assert (await change(house, laptop, PASSWORD, ANOTHER)).status_code == 200
    assert not await let_in(house, phone, second=True)
    assert await let_in(house, laptop, second=True)
    old = await house.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD})
    assert code_of(old) == (401, "auth.credentials_wrong")
    await house.login(password=ANOTHER)


@pytest.mark.row("IAM-07")
async def test_who_has_a_session_but_not_the_password_changes_nothing(house: House) -> None:
    person = await house.newcomer()
    refused = await change(house, person, ANOTHER, "four-badgers-salt-the-window")
    assert code_of(refused) == (403, "auth.password_wrong")
    weak = await change(house, person, PASSWORD, "zeynep-kaya-canary")
    assert code_of(weak) == (422, "identity.password_weak")
    await house.login()


@pytest.mark.row("IAM-07")
async def test_guessing_by_a_stolen_session_is_held_back(house: House) -> None:
    person = await house.newcomer()
    for _ in range(FREE_FROM_ONE_PLACE):
        assert (await change(house, person, ANOTHER, PASSWORD)).status_code == 403
    held = await change(house, person, PASSWORD, ANOTHER)
    assert code_of(held) == (429, "auth.too_many_attempts")


@pytest.mark.row("IAM-06")
async def test_a_reset_by_link_works_once_and_ends_every_session(house: House) -> None:
    person = await house.newcomer()
    token = await house.link(person.person_id, LinkPurpose.RESET)
    older = await house.link(person.person_id, LinkPurpose.RESET)
    done = await house.post(RESET, {"token": token, "password": ANOTHER})
    assert done.status_code == 200
    assert not await let_in(house, person, second=True)
    for replayed in (token, older):
        again = await house.post(RESET, {"token": replayed, "password": PASSWORD})
        assert code_of(again) == (422, "auth.link_wrong")
    await house.login(password=ANOTHER)
    assert "email_verified" in house.events(person.person_id)
    lines = house.api.lines()
    assert token.encode() not in lines
    assert ANOTHER.encode() not in lines


@pytest.mark.row("IAM-06")
async def test_a_weak_password_leaves_the_link_as_it_was(house: House) -> None:
    person_id = await house.register()
    token = await house.link(person_id, LinkPurpose.RESET)
    weak = await house.post(RESET, {"token": token, "password": "password123456"})
    assert code_of(weak) == (422, "identity.password_weak")
    assert (await house.post(RESET, {"token": token, "password": ANOTHER})).status_code == 200


@pytest.mark.row("IAM-06")
async def test_of_two_resets_with_one_link_one_is_done(house: House) -> None:
    person_id = await house.register()
    token = await house.link(person_id, LinkPurpose.RESET)
    body = {"token": token, "password": ANOTHER}
    answers = await asyncio.gather(
        *(house.post(RESET, body, at=at) for at in (house.api, house.second))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422]


@pytest.mark.row("IAM-06")
async def test_a_link_is_good_for_its_purpose_its_tenant_and_its_time(house: House) -> None:
    person_id = await house.register()
    verification = await house.link(person_id, LinkPurpose.VERIFICATION)
    reset = await house.link(person_id, LinkPurpose.RESET)
    theirs = {"X-API-Key": house.api.key(tenant_id=OTHER, slug="other")}
    body = {"token": reset, "password": ANOTHER}
    wrong = [
        await house.post(RESET, body | {"token": verification}),
        await house.post(VERIFY, {"token": reset}),
        await house.post(RESET, body, headers=theirs),
        await house.post(RESET, body | {"token": "dml_" + "A" * 43}),
    ]
    house.ask("UPDATE defter.mailed_links SET expires_at = now() - interval '1 second'")
    wrong += [await house.post(RESET, body), await house.post(VERIFY, {"token": verification})]
    assert [code_of(one) for one in wrong] == [(422, "auth.link_wrong")] * 6
    await house.login()


@pytest.mark.row("IAM-06")
async def test_a_link_to_an_address_that_was_left_is_not_good_any_more(house: House) -> None:
    person = await house.newcomer()
    token = await house.link(person.person_id, LinkPurpose.RESET)
    moved = {"name": "Zeynep", "email": "new@ada.example", "phone": None, "locale": "tr"}
    path = f"/api/customers/{person.person_id}/contact"
    assert (await house.post(path, moved, of=person)).status_code == 200
    refused = await house.post(RESET, {"token": token, "password": ANOTHER})
    assert code_of(refused) == (422, "auth.link_wrong")
    await house.login("new@ada.example")


@pytest.mark.row("IAM-06")
async def test_asking_for_a_reset_tells_nobody_who_has_an_account(house: House) -> None:
    person_id = await house.register()
    known = await house.post("/api/auth/password/reset-request", {"email": EMAIL})
    absent = await house.post("/api/auth/password/reset-request", {"email": "no@a.example"})
    assert known.status_code == absent.status_code == 202
    assert known.content == absent.content
    assert known.headers.keys() == absent.headers.keys()
    assert house.events(person_id)[-1] == "link_requested"


@pytest.mark.row("IAM-06")
async def test_nobody_is_flooded_with_mail_and_nobody_learns_of_that(house: House) -> None:
    person_id = await house.register()
    for _ in range(attempts.FREE_MAILS + 3):
        answer = await house.post("/api/auth/password/reset-request", {"email": EMAIL})
        assert answer.status_code == 202
    assert house.events(person_id).count("link_requested") == attempts.FREE_MAILS


@pytest.mark.row("IAM-08")
async def test_a_link_verifies_an_address_once(house: House) -> None:
    person_id = await house.register()
    token = await house.link(person_id, LinkPurpose.VERIFICATION)
    assert (await house.post(VERIFY, {"token": token})).status_code == 200
    assert house.events(person_id)[-1] == "email_verified"
    assert code_of(await house.post(VERIFY, {"token": token})) == (422, "auth.link_wrong")


@pytest.mark.row("IAM-08")
async def test_sending_the_link_again_is_limited(house: House) -> None:
    person = await house.newcomer()
    path = "/api/auth/email/verification"
    for _ in range(attempts.FREE_MAILS):
        assert (await house.post(path, {}, of=person)).status_code == 202
    held = await house.post(path, {}, of=person)
    assert code_of(held) == (429, "auth.too_many_attempts")
    assert int(held.headers["retry-after"]) >= 1


@pytest.mark.row("SEC-12")
@pytest.mark.parametrize("email", [EMAIL, "nobody@a.example"])
async def test_who_fails_too_often_waits_known_or_not(house: House, email: str) -> None:
    await house.register()
    for _ in range(FREE_FROM_ONE_PLACE):
        assert code_of(await fail(house, email)) == (401, "auth.credentials_wrong")
    held = await fail(house, email)
    assert code_of(held) == (429, "auth.too_many_attempts")
    assert held.headers["retry-after"] in {"1", "2"}
    assert code_of(await fail(house, email)) == (429, "auth.too_many_attempts")
    house.patience()
    assert code_of(await fail(house, email)) == (401, "auth.credentials_wrong")
    assert code_of(await fail(house, email)) == (429, "auth.too_many_attempts")
    assert email.encode() not in house.api.lines()


@pytest.mark.row("SEC-12")
async def test_a_hundred_guesses_at_once_are_no_more_than_one_after_the_other(
    house: House,
) -> None:
    await house.register()
    answers = await asyncio.gather(*(fail(house) for _ in range(40)))
    codes = [answer.status_code for answer in answers]
    assert codes.count(401) == FREE_FROM_ONE_PLACE
    assert codes.count(429) == 40 - FREE_FROM_ONE_PLACE


@pytest.mark.row("SEC-12")
async def test_success_and_a_reset_by_mail_begin_anew(house: House) -> None:
    person_id = await house.register()
    for _ in range(FREE_FROM_ONE_PLACE - 1):
        await fail(house)
    await house.login()
    assert house.ask("SELECT count(*) FROM defter.login_attempts") == [(0,)]
    for _ in range(FREE_FROM_ONE_PLACE + 1):
        await fail(house)
    token = await house.link(person_id, LinkPurpose.RESET)
    assert (await house.post(RESET, {"token": token, "password": ANOTHER})).status_code == 200
    await house.login(password=ANOTHER)


@pytest.mark.row("SEC-12")
def test_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    waits = [attempts.wait_seconds(failures, FREE_FROM_ONE_PLACE) for failures in range(16)]
    assert waits[:9] == [0, 0, 0, 0, 0, 2, 4, 8, 16]
    assert waits[-1] == WAIT_SECONDS_MAX
    assert attempts.wait_seconds(10_000, FREE_FROM_ANYWHERE) == WAIT_SECONDS_MAX


@pytest.mark.row("SEC-13")
async def test_a_larger_withdrawal_needs_a_verified_address_and_the_password_again(
    house: House,
) -> None:
    person = await house.newcomer()
    await house.tell(OpenWallet(person.person_id, "TRY"))
    ((stream,),) = house.ask(
        "SELECT owner FROM defter.claims WHERE key = %s", f"{person.person_id}/TRY"
    )
    wallet = stream.removeprefix("wallet-")
    await house.tell(TopUp(wallet, Money(10_000, "TRY")))
    await house.tell(SetStepUpThreshold(Money(500, "TRY")))

    async def ask(key: str) -> httpx.Response:
        body = {
            "amount": {"minor": 600, "currency": "TRY"},
            "iban": "TR330006100519786457841326",
        }
        path = f"/api/wallet/{wallet}/withdrawals"
        return await house.post(path, body, of=person, headers={"Idempotency-Key": key})

    assert code_of(await ask("1")) == (403, "identity.email_unverified")
    ((key,),) = house.ask("SELECT key FROM defter.claims WHERE kind = 'identity.login'")
    await house.tell(VerifyEmail(person.person_id, key))
    assert code_of(await ask("2")) == (403, "identity.step_up_required")
    wrong = await house.post("/api/auth/step-up", {"password": ANOTHER}, of=person)
    assert code_of(wrong) == (403, "auth.password_wrong")
    right = await house.post("/api/auth/step-up", {"password": PASSWORD}, of=person)
    assert right.status_code == 200
    assert (await ask("3")).status_code == 201


async def test_who_is_suspended_keeps_no_session_and_gets_none(house: House) -> None:
    person = await house.newcomer()
    await house.tell(SuspendAccount(person.person_id, "chargebacks"))
    assert not await let_in(house, person, second=True)
    again = await house.post("/api/auth/refresh", {"refresh_token": person.refresh})
    assert code_of(again) == (401, "auth.session_ended")
