"""What every answer says, and what becomes of a command."""

import json

import pytest

from application.sending import (
    CommandFailed,
    LogUnavailable,
    NotDecided,
    OutcomeUnknown,
    Overloaded,
    ReleaseTooOld,
)
from domain.kernel.money import Money
from tests.http.conftest import TRANSFER, Api
from tests.http.test_bad_input import code_of


async def test_sends_the_command_and_answers_with_its_outcome(api: Api) -> None:
    answer = await api.transfer({"Defter-Correlation-Id": "order-12345"})
    assert answer.status_code == 201
    assert answer.content == api.sender.body
    assert answer.headers["defter-position"] == "1"
    (envelope,) = api.sender.sent
    assert (envelope.command.source, envelope.command.target) == ("wal_0001", "wal_0002")
    assert envelope.command.amount == Money(1250, "TRY")
    assert envelope.correlation_id == "order-12345"
    assert envelope.actor.origin is not None


async def test_the_same_key_and_body_give_the_first_outcome_again(api: Api) -> None:
    first = await api.transfer({"Idempotency-Key": "k1"})
    turned = {name: TRANSFER[name] for name in reversed(TRANSFER)}
    again = await api.post("/api/wallet/transfers", turned, **{"Idempotency-Key": "k1"})
    assert "idempotent-replay" not in first.headers
    assert again.headers["idempotent-replay"] == "true"
    assert again.content == first.content
    assert len(api.sender.sent) == 1


async def test_the_same_key_with_another_body_is_refused(api: Api) -> None:
    await api.transfer({"Idempotency-Key": "k1"})
    answer = await api.transfer({"Idempotency-Key": "k1"}, target="wal_0003")
    assert answer.status_code == 422
    assert code_of(answer) == "request.idempotency_key_reused"


async def test_a_default_that_is_spelled_out_is_another_body(api: Api) -> None:
    await api.transfer({"Idempotency-Key": "k1"})
    answer = await api.transfer({"Idempotency-Key": "k1"}, effective_on=None)
    assert code_of(answer) == "request.idempotency_key_reused"


async def test_the_wallet_of_the_path_belongs_to_the_request(api: Api) -> None:
    body = {"amount": {"minor": 1, "currency": "TRY"}}
    headers = {"Idempotency-Key": "k1"}
    await api.post("/api/wallet/wal_0001/holds", body, **headers)
    answer = await api.post("/api/wallet/wal_0002/holds", body, **headers)
    assert code_of(answer) == "request.idempotency_key_reused"


async def test_an_etag_guards_the_wallet(api: Api) -> None:
    body = {"amount": {"minor": 1, "currency": "TRY"}}
    headers = {"Idempotency-Key": "k1", "If-Match": '"7"'}
    await api.post("/api/wallet/wal_0001/holds", body, **headers)
    assert api.sender.sent[0].expects == {"wallet-wal_0001": 7}
    wrong = {"Idempotency-Key": "k2", "If-Match": "seven"}
    answer = await api.post("/api/wallet/wal_0001/holds", body, **wrong)
    assert code_of(answer) == "request.if_match_invalid"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("invalid", 422),
        ("not_found", 404),
        ("rule_broken", 409),
        ("forbidden", 403),
        ("precondition_failed", 412),
    ],
)
async def test_a_refusal_meets_its_status_in_one_table(api: Api, kind: str, status: int) -> None:
    api.sender.refused = True
    api.sender.body = json.dumps(
        {"kind": kind, "code": "wallet.insufficient_funds", "detail": "no", "facts": {"asked": 5}}
    ).encode()
    answer = await api.transfer()
    assert answer.status_code == status
    assert code_of(answer) == "wallet.insufficient_funds"
    assert answer.json()["facts"] == {"asked": 5}
    assert answer.headers["defter-position"] == "1"


@pytest.mark.parametrize("error", [Overloaded, LogUnavailable, ReleaseTooOld, OutcomeUnknown])
async def test_what_was_not_decided_may_be_sent_again(api: Api, error: type[NotDecided]) -> None:
    api.sender.error = error("canary")
    answer = await api.transfer()
    assert answer.status_code == 503
    assert code_of(answer) == error.code
    assert answer.headers["retry-after"] == str(error.retry_after_seconds)
    assert "canary" not in answer.text


@pytest.mark.parametrize("error", [CommandFailed("canary"), KeyError("canary")])
async def test_a_bug_tells_the_client_nothing_and_the_log_where(api: Api, error: Exception) -> None:
    api.sender.error = error
    answer = await api.transfer({"X-Request-Id": "request-0001"})
    assert answer.status_code == 500
    assert code_of(answer) == "service.internal_error"
    assert "canary" not in answer.text
    assert "Traceback" not in answer.text
    logged = api.lines()
    assert b"unexpected_error" in logged
    assert b"request-0001" in logged
    assert type(error).__name__.encode() in logged
    assert b"canary" not in logged


async def test_a_request_id_that_could_forge_a_log_is_replaced(api: Api) -> None:
    answer = await api.transfer({"X-Request-Id": 'x"\x0b{', "Defter-Correlation-Id": "a b"})
    assert answer.headers["x-request-id"].startswith("req_")
    assert answer.headers["defter-correlation-id"] == answer.headers["x-request-id"]
