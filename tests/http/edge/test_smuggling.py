"""SEC-05, TEN-05: who asks, for which tenant and for what stands in one place, and nowhere else."""

import re
from uuid import uuid4

import pytest

from domain.tenants.tenant import KeyKind
from interfaces.http.edge.head import HEADERS_BYTES_MAX, HEADERS_MAX, TARGET_BYTES_MAX
from interfaces.http.wire.corked import UNFINISHED_HEAD_BYTES_MAX
from tests.http.conftest import PEER, Api
from tests.http.edge.callers import listening, log_in, say
from tests.http.fakes import OTHER, TENANT
from tests.http.test_bad_input import code_of

pytestmark = [pytest.mark.row("SEC-05"), pytest.mark.row("TEN-05")]


@pytest.mark.parametrize(
    "smuggled",
    [
        {"X-Tenant-Id": str(OTHER)},
        {"X-Tenant": "other"},
        {"Tenant": str(OTHER)},
        {"Defter-Tenant": str(OTHER)},
        {"X-Forwarded-Host": "other.test"},
        {"X-Original-Host": "other.test"},
        {"Forwarded": "for=198.51.100.7;host=other.test;proto=https"},
        {"X-User-Id": "stf_9999"},
        {"X-Actor": "stf_9999"},
        {"X-Forwarded-User": "stf_9999"},
        {"X-Remote-User": "stf_9999"},
        {"X-Defter-Act-For": "cus_9999"},
        {"Defter_Act_For": "cus_9999"},
        {"X-Forwarded-For": "198.51.100.7"},
        {"X-Real-IP": "198.51.100.7"},
        {"True-Client-IP": "198.51.100.7"},
        {"CF-Connecting-IP": "198.51.100.7"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-Method-Override": "GET"},
        {"X-Original-URL": "/api/keys"},
        {"X-Rewrite-URL": "/api/keys"},
        {"Cookie": "tenant=other; session=ses_0001; Defter-Act-For=cus_9999"},
        {"Connection": "close, X-API-Key"},
    ],
)
async def test_a_header_that_decides_nothing_has_no_effect(
    api: Api, smuggled: dict[str, str]
) -> None:
    api.directory.hosts["other.test"] = OTHER
    assert (await api.transfer(smuggled)).status_code == 201
    (envelope,) = api.sender.sent
    actor = envelope.actor
    assert (envelope.tenant_id, actor.actor_id, actor.on_behalf_of) == (TENANT, "stf_0001", None)
    assert actor.origin is not None
    assert actor.origin.startswith(f"{PEER} ")


async def test_nobody_who_is_no_staff_acts_for_another(api: Api) -> None:
    customer = await log_in(api, "customer", person_id="cus_ada1")
    answer = await api.transfer(customer | {"Defter-Act-For": "cus_bora"})
    assert (answer.status_code, code_of(answer)) == (403, "auth.staff_only")
    publishable = {"X-API-Key": api.key(KeyKind.PUBLISHABLE), "Defter-Act-For": "cus_bora"}
    answer = await api.transfer(publishable)
    assert (answer.status_code, code_of(answer)) == (401, "auth.login_required")
    assert api.sender.sent == []


@pytest.mark.parametrize(
    "header",
    ["X-API-Key", "Authorization", "Defter-Act-For", "Host", "Origin", "Content-Type"],
)
async def test_a_header_that_decides_something_comes_once(api: Api, header: str) -> None:
    given = {"X-API-Key": api.secret, "Host": "shop.test", "Origin": "https://shop.test"}
    value = given.get(header, "value")
    twice = [(name, text) for name, text in given.items() if name != header]
    headers = [*twice, (header, value), (header.lower(), value)]
    answer = await api.client.post("/api/wallet/transfers", headers=headers, content=b"{}")
    assert (answer.status_code, code_of(answer)) == (400, "request.header_repeated")


@pytest.mark.parametrize(
    "path",
    [
        "//api/wallet",
        "/api//wallet",
        "/api/wallet//wal_0001",
        "/api/./wallet",
        "/api/admin/../wallet",
        "/api/wallet/",
        "/API/WALLET",
        "/api/wallet;x=1",
        "/api%2Fwallet",
        "/api%2fwallet",
        "/api/wallet%5Cwal_0001",
        "/api/wallet/wal_0001%2Fstatement",
        "/api/health/live%2F..%2F..%2Fwallet",
        "/api/health/..%5c..%5cwallet",
        "/api/wallet/wal_0001%2500",
        "/api/wallet%20",
        "/api/wallet%3Flimit=1",
        "/api/wallet%23",
    ],
)
async def test_another_way_of_writing_a_path_is_no_path(api: Api, path: str) -> None:
    key = f"X-API-Key: {api.secret}"
    async with listening(api.services) as port:
        line = f"GET {path} HTTP/1.1\r\nHost: shop.test\r\n{key}\r\nConnection: close\r\n\r\n"
        answer = await say(port, line.encode())
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b'"code":"request.path_not_found"' in answer


async def test_a_path_may_be_escaped_where_it_hides_nothing(api: Api) -> None:
    key = {"X-API-Key": api.key(scopes=())}
    for path in ("/api/ledger/accounts/wallet.cash%3Awal_0001/register", "/api/%77allet"):
        answer = await api.client.get(path, headers=key)
        assert (answer.status_code, code_of(answer)) == (403, "auth.permission_missing")


async def test_a_method_in_the_query_or_body_is_no_method(api: Api) -> None:
    key = {"X-API-Key": api.secret, "Idempotency-Key": uuid4().hex}
    answer = await api.client.get("/api/keys?_method=POST", headers=key)
    assert (answer.status_code, code_of(answer)) == (422, "request.invalid")
    answer = await api.transfer(_method="GET")
    assert (answer.status_code, code_of(answer)) == (422, "request.invalid")


async def test_the_whole_address_in_the_request_line_changes_nothing(api: Api) -> None:
    api.directory.hosts["other.test"] = OTHER
    lines = (
        f"Host: shop.test\r\nX-API-Key: {api.key(scopes=())}\r\nConnection: close\r\n\r\n".encode()
    )
    async with listening(api.services) as port:
        plain = await say(port, b"GET /api/wallet HTTP/1.1\r\n" + lines)
        whole = await say(port, b"GET http://other.test/api/wallet HTTP/1.1\r\n" + lines)
        inner = await say(port, b"GET http://shop.test//api/wallet HTTP/1.1\r\n" + lines)
    assert without_ids(plain) == without_ids(whole)
    assert b'"code":"auth.permission_missing"' in whole
    assert inner.startswith(b"HTTP/1.1 404 ")


POST = b"POST /api/wallet/transfers HTTP/1.1\r\nHost: shop.test\r\n"
HIDDEN = b"0\r\n\r\nGET /api/keys HTTP/1.1\r\nHost: shop.test\r\n\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + HIDDEN,
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + HIDDEN,
        POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + HIDDEN,
        POST + b"Content-Length: -1\r\n\r\n" + HIDDEN,
        POST + b"Content-Length: 5 5\r\n\r\n" + HIDDEN,
        POST + b"Content-Length : 5\r\n\r\n" + HIDDEN,
        POST + b"Transfer-Encoding: chunked, identity\r\n\r\n" + HIDDEN,
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + HIDDEN,
        POST + b"X-API-Key: a\r\n b\r\n\r\n",
        POST + b"X-API\0-Key: a\r\n\r\n",
        POST + b"Bad Name: a\r\n\r\n",
        b"GET /api/wallet HTTP/9.9\r\n\r\n",
        b"GET /api/wallet\0 HTTP/1.1\r\nHost: shop.test\r\n\r\n",
        b"GET /api wallet HTTP/1.1\r\nHost: shop.test\r\n\r\n",
        b"CONNECT other.test:443 HTTP/1.1\r\nHost: other.test\r\n\r\n",
        b"get /api/wallet HTTP/1.1\r\nHost: shop.test\r\n\r\n",
    ],
)
async def test_what_two_readers_could_read_in_two_ways_is_refused(
    api: Api, request_bytes: bytes
) -> None:
    async with listening(api.services) as port:
        answer = await say(port, request_bytes)
    statuses = re.findall(rb"HTTP/1.1 (\d+) ", answer)
    assert set(statuses) <= {b"400", b"401", b"404"}
    assert statuses[-1] == b"400" or len(statuses) == 1
    assert len(re.findall(rb"HTTP/1.1 [^4]", answer)) == 0
    assert api.sender.sent == []


async def test_a_connection_stays_http(api: Api) -> None:
    upgrades = (
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n",
        b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAAA\r\n",
    )
    async with listening(api.services) as port:
        for upgrade in upgrades:
            head = b"GET /api/wallet HTTP/1.1\r\nHost: shop.test\r\n" + upgrade
            answer = await say(port, head + b"Connection: close\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 401 ")


async def test_a_head_has_limits(api: Api) -> None:
    key = {"X-API-Key": api.secret}
    for headers in (
        {"X-Long": "x" * (HEADERS_BYTES_MAX + 1)},
        {f"X-Many-{n}": "x" for n in range(HEADERS_MAX)},
    ):
        answer = await api.client.get("/api/wallet", headers=key | headers)
        assert (answer.status_code, code_of(answer)) == (431, "request.headers_too_large")
    for path in ("/api/" + "x" * TARGET_BYTES_MAX, "/api/wallet?owner=" + "x" * TARGET_BYTES_MAX):
        answer = await api.client.get(path, headers=key)
        assert (answer.status_code, code_of(answer)) == (414, "request.target_too_long")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /api/wallet HTTP/1.1\r\nX-Long: ",
        b"GET /",
        b"GET /api/wallet HTTP/1.1\r\n" + b"X-Many: x\r\n" * 6,
    ],
)
async def test_a_head_without_end_is_not_listened_to_for_ever(api: Api, head: bytes) -> None:
    async with listening(api.services) as port:
        answer = await say(port, head.ljust(UNFINISHED_HEAD_BYTES_MAX + 1, b"x"))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"request.malformed"' in answer


async def test_pipelined_requests_are_judged_one_by_one(api: Api) -> None:
    one = f"GET /api/wallet HTTP/1.1\r\nHost: shop.test\r\nX-API-Key: {api.key(scopes=())}\r\n\r\n"
    none = b"GET /api/wallet HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n"
    async with listening(api.services) as port:
        answer = await say(port, one.encode() + none)
    assert re.findall(rb"HTTP/1.1 (\d+) ", answer) == [b"403", b"401"]


def without_ids(answer: bytes) -> bytes:
    return re.sub(rb"(req_\w+|r=\d+)", b"", answer)
