"""Many commands in one request."""

import json

from application.bulk import Atomically
from application.sending import Overloaded
from tests.http.conftest import TRANSFER, Api
from tests.http.test_bad_input import code_of

PATH = "/api/wallet/transfers/batch"


async def test_independent_commands_stand_alone(api: Api) -> None:
    items = [TRANSFER | {"target": f"wal_000{n}"} for n in range(2, 5)]
    answer = await api.post(
        PATH, {"mode": "independent", "commands": items}, **{"Idempotency-Key": "b1"}
    )
    assert answer.status_code == 200
    assert [one["status"] for one in answer.json()["results"]] == [201, 201, 201]
    assert answer.headers["defter-position"] == "3"
    assert [one.command.target for one in api.sender.sent] == ["wal_0002", "wal_0003", "wal_0004"]


async def test_a_batch_that_comes_again_is_a_replay(api: Api) -> None:
    body = {"mode": "independent", "commands": [TRANSFER]}
    await api.post(PATH, body, **{"Idempotency-Key": "b1"})
    again = await api.post(PATH, body, **{"Idempotency-Key": "b1"})
    assert again.headers["idempotent-replay"] == "true"
    assert len(api.sender.sent) == 1


async def test_a_command_with_its_own_key_is_the_same_alone_and_in_a_batch(api: Api) -> None:
    hold = {"amount": {"minor": 5, "currency": "TRY"}}
    await api.post("/api/wallet/wal_0001/holds", hold, **{"Idempotency-Key": "own"})
    item = hold | {"wallet_id": "wal_0001", "key": "own"}
    body = {"mode": "independent", "commands": [item]}
    again = await api.post("/api/wallet/holds/batch", body, **{"Idempotency-Key": "b1"})
    assert again.json()["results"][0]["status"] == 201
    assert len(api.sender.sent) == 1


async def test_each_result_says_what_became_of_its_command(api: Api) -> None:
    first = TRANSFER | {"key": "taken"}
    other = TRANSFER | {"key": "taken", "target": "wal_0009"}
    body = {"mode": "independent", "commands": [first, other]}
    answer = await api.post(PATH, body, **{"Idempotency-Key": "b1"})
    done, refused = answer.json()["results"]
    assert done["status"] == 201
    assert refused["status"] == 422
    assert refused["problem"]["code"] == "request.idempotency_key_reused"


async def test_what_was_not_decided_says_so_in_its_place(api: Api) -> None:
    api.sender.error = Overloaded()
    body = {"mode": "independent", "commands": [TRANSFER]}
    answer = await api.post(PATH, body, **{"Idempotency-Key": "b1"})
    (result,) = answer.json()["results"]
    assert (result["status"], result["problem"]["code"]) == (503, "service.overloaded")


async def test_atomic_commands_are_one_command(api: Api) -> None:
    api.sender.body = b'[{"transfer_id":"a"},{"transfer_id":"b"}]'
    body = {"mode": "atomic", "commands": [TRANSFER, TRANSFER]}
    answer = await api.post(PATH, body, **{"Idempotency-Key": "b1"})
    (envelope,) = api.sender.sent
    assert isinstance(envelope.command, Atomically)
    assert len(envelope.command.commands) == 2
    assert answer.json()["results"][1] == {"status": 201, "body": {"transfer_id": "b"}}


async def test_one_refusal_refuses_an_atomic_batch_and_names_the_index(api: Api) -> None:
    api.sender.refused = True
    refusal = {"kind": "rule_broken", "code": "wallet.x", "detail": "no", "facts": {"index": 1}}
    api.sender.body = json.dumps(refusal).encode()
    body = {"mode": "atomic", "commands": [TRANSFER, TRANSFER]}
    answer = await api.post(PATH, body, **{"Idempotency-Key": "b1"})
    assert answer.status_code == 409
    assert answer.json()["facts"] == {"index": 1}


async def test_a_batch_has_between_one_and_a_thousand_commands(api: Api) -> None:
    for count in (0, 1001):
        body = {"mode": "independent", "commands": [TRANSFER] * count}
        answer = await api.post(PATH, body, **{"Idempotency-Key": "b1"})
        assert code_of(answer) == "request.invalid"
    full = {"mode": "independent", "commands": [TRANSFER] * 1000}
    answer = await api.post(PATH, full, **{"Idempotency-Key": "b2"})
    assert len(answer.json()["results"]) == 1000


async def test_names_the_item_that_is_wrong(api: Api) -> None:
    wrong = TRANSFER | {"amount": {"minor": 0, "currency": "TRY"}}
    body = {"mode": "atomic", "commands": [TRANSFER, wrong]}
    answer = await api.post(PATH, body, **{"Idempotency-Key": "b1"})
    assert answer.json()["errors"][0]["pointer"] == "/commands/1/amount/minor"
    assert api.sender.sent == []
