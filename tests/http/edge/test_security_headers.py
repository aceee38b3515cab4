"""SEC-06, SEC-01: every answer tells browsers how little they may do with it."""

import httpx
import pytest

from tests.http.conftest import Api, settings_for
from tests.http.edge.callers import listening, running, say

pytestmark = pytest.mark.row("SEC-06")

SECURITY = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(),"
    " browsing-topics=()",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
}
HSTS = "strict-transport-security"


async def test_every_answer_has_them_refusals_included(api: Api) -> None:
    api.sender.error = RuntimeError("a bug")
    preflight = {"Origin": "https://foreign.example", "Access-Control-Request-Method": "POST"}
    answers = {
        500: await api.transfer(),
        422: await api.transfer(source=1),
        404: await api.client.get("/nowhere"),
        405: await api.client.delete("/api/wallet"),
        401: await api.client.get("/api/wallet"),
        200: await api.client.get("/api/health/live"),
        403: await api.client.options("/api/wallet", headers=preflight),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert SECURITY.items() <= dict(answer.headers).items()
        assert answer.headers["x-request-id"]
        assert HSTS not in answer.headers


async def test_a_page_for_people_may_be_styled_and_no_more(api: Api) -> None:
    page = await api.client.get("/api/docs")
    policy = SECURITY["content-security-policy"] + "; style-src 'unsafe-inline'"
    alone = {"cross-origin-opener-policy": "same-origin"}
    styled = SECURITY | alone | {"content-security-policy": policy}
    assert styled.items() <= dict(page.headers).items()
    assert "<style>" in page.text


async def test_what_is_no_http_is_refused_with_them(api: Api) -> None:
    async with listening(api.services) as port:
        head, _, body = (await say(port, b"nonsense\r\n\r\n")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    for name, value in SECURITY.items():
        assert f"{name}: {value}".encode() in head
    assert b'"code":"request.malformed"' in body


@pytest.mark.row("SEC-01")
async def test_tls_is_held_to_where_the_installation_is_reached_by_it(redis_url: str) -> None:
    settings = settings_for(redis_url, public_url="https://api.shop.example")
    async with running(redis_url, app_settings=settings) as api:
        for path in ("/api/health/live", "/nowhere", "/api/docs"):
            answer = await api.client.get(path)
            assert answer.headers[HSTS] == "max-age=63072000; includeSubDomains"


@pytest.mark.row("SEC-01")
@pytest.mark.parametrize(
    ("peer", "protocol", "bound"),
    [
        ("10.0.0.5", "https", True),
        ("10.0.0.5", "http", False),
        ("203.0.113.9", "https", False),
        ("nobody", "https", False),
    ],
)
async def test_only_a_listed_proxy_is_believed_that_clients_come_over_tls(
    redis_url: str, peer: str, protocol: str, *, bound: bool
) -> None:
    settings = settings_for(redis_url, trusted_proxies="10.0.0.0/8")
    async with running(redis_url, peer=peer, app_settings=settings) as api:
        answer = await api.client.get("/api/health/live", headers={"X-Forwarded-Proto": protocol})
    assert (HSTS in answer.headers) is bound


async def test_tls_that_ends_here_is_tls(api: Api) -> None:
    answer: httpx.Response = await api.client.get("https://shop.test/api/health/live")
    assert HSTS in answer.headers
