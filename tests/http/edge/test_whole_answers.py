"""Ordinary answers are written whole; they say what uvicorn's own way would have said."""

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from interfaces.http.edge.exchange import WHOLE, Exchange
from tests.http.conftest import Api
from tests.http.edge.callers import listening, say, serving
from tests.kit.leftovers import none_of

BODY = b'{"source":"wal_0001","target":"wal_0002","amount":{"minor":1,"currency":"TRY"}}'
CRLF, CLOSE = b"\r\n", b"\r\nConnection: close\r\n"
OF_ONE_REQUEST = ("x-request-id", "ratelimit")


def request(api: Api, number: int, *more: bytes) -> bytes:
    lines = (
        b"POST /api/wallet/transfers HTTP/1.1",
        b"Host: shop.test",
        b"Content-Type: application/json",
        b"X-API-Key: " + api.secret.encode(),
        b"Idempotency-Key: whole-%d" % number,
        b"Defter-Correlation-Id: whole-answers",
        b"Content-Length: %d" % len(BODY),
        *more,
    )
    return b"\r\n".join(lines) + b"\r\n\r\n" + BODY


def taken_apart(answer: bytes) -> tuple[str, dict[str, str], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert len(headers) == len(lines)
    return status, headers, body


async def test_an_answer_is_the_same_on_both_ways(api: Api) -> None:
    """What ends its connection takes the long way: here the second of two."""
    async with listening(api.services) as port:
        both = await say(port, request(api, 1) + request(api, 2, b"Connection: close"))
    whole, long = map(taken_apart, both.split(b"HTTP/1.1 ")[1:])
    assert long[1].pop("connection") == "close"
    for headers in (whole[1], long[1]):
        assert headers.pop("defter-position") in {"1", "2"}
        for name in OF_ONE_REQUEST:
            assert headers.pop(name)
    assert whole == long
    assert whole[0] == "201 Created"


async def test_requests_that_come_together_are_answered_in_their_order(api: Api) -> None:
    last = request(api, 3, b"Connection: close")
    async with listening(api.services) as port:
        answers = await say(port, request(api, 1) + request(api, 2) + last)
    positions = [part.partition(b"\r\n")[0] for part in answers.split(b"defter-position: ")[1:]]
    assert positions == [b"1", b"2", b"3"]


async def test_a_question_about_the_head_alone_is_answered_without_a_body(api: Api) -> None:
    asked = b"HEAD /api/health/live HTTP/1.1\r\nHost: shop.test\r\n"
    async with listening(api.services) as port:
        answers = await say(port, asked + b"\r\n" + asked + b"Connection: close\r\n\r\n")
    for answer in answers.split(b"HTTP/1.1 ")[1:]:
        status, headers, body = taken_apart(answer)
        assert (status, body) == ("200 OK", b"")
        assert int(headers["content-length"]) > 0


async def test_a_request_is_freed_when_it_is_answered_and_the_collector_has_nothing_to_find(
    api: Api,
) -> None:
    refused = request(api, 2).replace(b"wal_0001", b"walwrong")
    last = request(api, 3, b"Connection: close")
    async with listening(api.services) as port:
        with none_of(RequestResponseCycle, Exchange):
            answers = await say(port, request(api, 1) + refused + last)
    assert [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]] == [b"201", b"422", b"201"]


@pytest.mark.parametrize("said", [b"two\r\nset-cookie: lines", b"a\0zero", b"a\x7fdelete"])
async def test_a_value_that_would_end_its_header_is_not_written_whole(said: bytes) -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        whole = scope[WHOLE]
        if scope["path"] == "/first":
            assert not whole(200, [(b"x-said", said)], b"", b"")
            assert whole(200, [(b"x-said", b"fine"), (b"content-length", b"0")], b"", b"")
        else:
            assert not whole(200, [], b"", b""), "it ends the connection"
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})

    first = b"GET /first HTTP/1.1\r\nHost: a\r\n\r\n"
    async with serving(app) as port:
        answers = await say(port, first + first.replace(b"first", b"last").replace(CRLF, CLOSE, 1))
    _, one, other = answers.split(b"HTTP/1.1 ")
    assert one == b"200 OK\r\nx-said: fine\r\ncontent-length: 0\r\n\r\n"
    assert other.startswith(b"204 ")
