"""Whatever comes in: a problem with a stable code, and nothing is sent to the log."""

import json

import httpx
import pytest

from tests.http.conftest import TRANSFER, Api

BIG = 10 * 1024 * 1024


def code_of(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"/problems/{problem['code']}"
    assert problem["request_id"] == answer.headers["x-request-id"]
    return problem["code"]


def field_of(answer: httpx.Response) -> tuple[str, str]:
    assert code_of(answer) == "request.invalid"
    (error,) = answer.json()["errors"]
    return error["pointer"], error["code"]


@pytest.mark.parametrize(
    ("amount", "pointer", "code"),
    [
        ({"minor": 1, "currency": "ABC"}, "/amount/currency", "money.unknown_currency"),
        ({"minor": 1, "currency": "try"}, "/amount/currency", "field.wrong_format"),
        ({"minor": 1, "currency": "XXX"}, "/amount/currency", "money.unknown_currency"),
        ({"minor": 0, "currency": "TRY"}, "/amount/minor", "field.out_of_range"),
        ({"minor": -5, "currency": "TRY"}, "/amount/minor", "field.out_of_range"),
        ({"minor": 2**53, "currency": "TRY"}, "/amount/minor", "field.out_of_range"),
        ({"minor": 10**300, "currency": "TRY"}, "/amount/minor", "field.out_of_range"),
        ({"minor": 12.5, "currency": "TRY"}, "/amount/minor", "field.not_an_integer"),
        ({"minor": 12.0, "currency": "TRY"}, "/amount/minor", "field.not_an_integer"),
        ({"minor": "12", "currency": "TRY"}, "/amount/minor", "field.not_an_integer"),
        ({"minor": True, "currency": "TRY"}, "/amount/minor", "field.not_an_integer"),
        ({"minor": None, "currency": "TRY"}, "/amount/minor", "field.not_an_integer"),
        ({"currency": "TRY"}, "/amount/minor", "field.required"),
        ({"minor": 1, "currency": "TRY", "x": 1}, "/amount/x", "field.unknown"),
        ([], "/amount", "field.not_an_object"),
    ],
)
async def test_refuses_an_amount_that_is_none(
    api: Api, amount: object, pointer: str, code: str
) -> None:
    answer = await api.transfer(amount=amount)
    assert answer.status_code == 422
    assert field_of(answer) == (pointer, code)
    assert api.sender.sent == []


async def test_takes_the_largest_amount(api: Api) -> None:
    answer = await api.transfer(amount={"minor": 2**53 - 1, "currency": "TRY"})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"colour": "red"}, "/colour", "field.unknown"),
        ({"source": 5}, "/source", "field.not_a_string"),
        ({"source": "wal_0001\n"}, "/source", "field.wrong_format"),
        ({"source": "wal_\u0000aaaa"}, "/source", "field.wrong_format"),
        ({"source": "w" * 5000}, "/source", "field.wrong_format"),
        ({"effective_on": "2026-02-30"}, "/effective_on", "field.not_a_day"),
        ({"effective_on": 20260201}, "/effective_on", "field.not_a_day"),
        ({"effective_on": "20260201"}, "/effective_on", "field.not_a_day"),
    ],
)
async def test_names_the_field_that_is_wrong(
    api: Api, fields: dict[str, object], pointer: str, code: str
) -> None:
    answer = await api.post("/api/wallet/transfers", TRANSFER | fields, **{"Idempotency-Key": "a"})
    assert answer.status_code == 422
    assert field_of(answer) == (pointer, code)


@pytest.mark.parametrize("note", ["x" * 501, "", "bell\a", "nul\u0000", "\ud800"])
async def test_refuses_a_note_that_people_could_not_read(api: Api, note: str) -> None:
    body = json.dumps({"amount": {"minor": 1, "currency": "TRY"}, "note": note}).encode()
    headers = {
        "X-API-Key": api.secret,
        "Idempotency-Key": "a",
        "Content-Type": "application/json",
    }
    answer = await api.client.post("/api/wallet/wal_0001/top-ups", content=body, headers=headers)
    assert answer.status_code == 422
    assert field_of(answer)[0] == "/note"
    assert api.sender.sent == []


async def test_never_repeats_a_value(api: Api) -> None:
    answer = await api.transfer(source="canary value")
    assert "canary" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nul",
        b'{"a":1,}',
        b'{"source":"\xff\xfe"}',
        b'\xef\xbb\xbf{"source":"wal_0001"}',
        b'{"source":"wal_0001","source":"wal_0001"}',
        b'{"amount":{"minor":1,"minor":2}}',
        b'{"amount":NaN}',
        b'{"amount":-Infinity}',
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b"[" * 200_000,
        b'{"a":' + b"9" * 6000 + b"}",
    ],
)
async def test_refuses_what_is_no_strict_json(api: Api, body: bytes) -> None:
    answer = await api.raw(body)
    assert answer.status_code == 400
    assert code_of(answer) == "request.malformed"


async def test_brackets_inside_text_are_no_depth(api: Api) -> None:
    answer = await api.raw(json.dumps(TRANSFER | {"x": '{["\\' * 60}).encode())
    assert field_of(answer) == ("/x", "field.unknown")


@pytest.mark.parametrize("body", [b"[]", b"null", b"5", b'"text"'])
async def test_refuses_json_that_is_no_object(api: Api, body: bytes) -> None:
    answer = await api.raw(body)
    assert answer.status_code == 422
    assert code_of(answer) == "request.not_an_object"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""],
)
async def test_refuses_another_content_type(api: Api, content_type: str) -> None:
    answer = await api.raw(b"{}", **{"Content-Type": content_type})
    assert answer.status_code == 415
    assert code_of(answer) == "request.not_json"


async def test_takes_json_however_it_is_spelled(api: Api) -> None:
    content_type = 'Application/JSON; charset="UTF-8"'
    answer = await api.raw(json.dumps(TRANSFER).encode(), **{"Content-Type": content_type})
    assert answer.status_code == 201


async def test_refuses_a_body_of_ten_megabytes_unread(api: Api) -> None:
    answer = await api.raw(b" " * BIG)
    assert answer.status_code == 413
    assert code_of(answer) == "request.too_large"


async def test_refuses_a_large_body_that_does_not_say_so(api: Api) -> None:
    taken = 0

    async def endless() -> object:
        nonlocal taken
        while taken < BIG:
            taken += 65_536
            yield b" " * 65_536

    answer = await api.client.post(
        "/api/wallet/transfers",
        content=endless(),  # type: ignore[arg-type] - an async generator
        headers={"X-API-Key": api.secret, "Content-Type": "application/json"},
    )
    assert answer.status_code == 413
    assert taken < 2 * 1024 * 1024


async def test_says_which_methods_a_path_knows(api: Api) -> None:
    answer = await api.client.delete("/api/wallet")
    assert answer.status_code == 405
    assert code_of(answer) == "request.method_not_allowed"
    assert answer.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/wallet/", "/api/wallet/none", "/api/wallet/wal_%00aaaa", "/api//x"]
)
async def test_knows_no_such_path(api: Api, path: str) -> None:
    answer = await api.client.get(path, headers={"X-API-Key": api.secret})
    assert answer.status_code == 404
    assert code_of(answer) == "request.path_not_found"


async def test_asks_for_an_idempotency_key_where_money_moves(api: Api) -> None:
    answer = await api.post("/api/wallet/transfers", TRANSFER)
    assert answer.status_code == 400
    assert code_of(answer) == "request.idempotency_key_missing"


@pytest.mark.parametrize("key", ["", "k" * 256, " k", "ké"])
async def test_refuses_a_key_that_is_not_printable(api: Api, key: str) -> None:
    headers = {b"X-API-Key": api.secret.encode(), b"Idempotency-Key": key.encode()}
    answer = await api.client.post("/api/wallet/transfers", json=TRANSFER, headers=headers)
    assert code_of(answer) == "request.idempotency_key_invalid"


async def test_refuses_a_deciding_header_that_came_twice(api: Api) -> None:
    headers = [("X-API-Key", api.secret), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    answer = await api.client.post("/api/wallet/transfers", json=TRANSFER, headers=headers)
    assert code_of(answer) == "request.header_repeated"


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "ownr=cus_0001", "cursor=!"])
async def test_refuses_a_query_it_does_not_understand(api: Api, query: str) -> None:
    answer = await api.client.get(f"/api/wallet?{query}", headers={"X-API-Key": api.secret})
    assert answer.status_code == 422
    assert code_of(answer) == "request.invalid"
