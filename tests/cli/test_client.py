from collections.abc import Iterator

import httpx
import pytest

from interfaces.cli.remote.client import Client
from interfaces.cli.remote.profiles import Profile
from interfaces.cli.terminal.exits import Exit, Refused, Stopped

PROFILE = Profile("http://defter.test", "dsk_test_key")


class Answers(httpx.BaseTransport):
    """A service that answers what it is given, in order, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | httpx.TransportError) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_key_with_dots_in_place_of_its_end_is_told_as_that() -> None:
    with pytest.raises(Stopped) as stopped:
        Client(Profile(PROFILE.url, "dsk_test_…"))
    assert (stopped.value.code, stopped.value.message[:15]) == (Exit.USAGE, "this is no key:")


def test_a_command_is_sent_again_under_the_same_key() -> None:
    service = Answers(
        httpx.ConnectError("away"),
        httpx.Response(503, headers={"Retry-After": "0"}, json={"code": "service.overloaded"}),
        httpx.Response(201, headers={"Defter-Position": "7"}, json={"top_up_id": "top_1"}),
    )
    answer = Client(PROFILE, transport=service).post("/api/wallet/wal_1/top-ups", {})
    assert (answer.body, answer.position) == ({"top_up_id": "top_1"}, 7)
    keys = {request.headers["Idempotency-Key"] for request in service.asked}
    assert len(keys) == 1
    assert {request.headers["X-API-Key"] for request in service.asked} == {"dsk_test_key"}


def test_a_problem_ends_the_command_with_its_code() -> None:
    problem = {"code": "wallet.not_found", "detail": "there is no such wallet"}
    service = Answers(httpx.Response(404, json=problem))
    with pytest.raises(Refused) as refused:
        Client(PROFILE, transport=service).get("/api/wallet/wal_1")
    assert refused.value.code is Exit.REFUSED
    assert refused.value.message == "there is no such wallet (wallet.not_found)"


def test_a_service_that_stays_away_is_given_up() -> None:
    service = Answers(*[httpx.ConnectError("away")] * 3)
    with pytest.raises(Stopped) as stopped:
        Client(PROFILE, transport=service, attempts_max=3).get("/api/wallet")
    assert stopped.value.code is Exit.FAILED
    assert "does not answer" in stopped.value.message


def test_pages_are_followed_to_the_last() -> None:
    service = Answers(
        httpx.Response(200, json={"items": [1], "next_cursor": "next"}),
        httpx.Response(200, json={"items": [2], "next_cursor": None}),
    )
    pages = Client(PROFILE, transport=service).pages("/api/wallet", owner=None)
    assert [page.body["items"] for page in pages] == [[1], [2]]
    assert service.asked[1].url.params["cursor"] == "next"
    assert "owner" not in service.asked[0].url.params


class Breaking(httpx.SyncByteStream):
    """An answer that is broken off after its first part."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"PK"
        raise httpx.RemoteProtocolError("peer closed connection")


def test_a_file_comes_part_by_part_and_one_that_breaks_off_is_none() -> None:
    service = Answers(
        httpx.Response(503, headers={"Retry-After": "0"}, json={"code": "audit.not_sealed_yet"}),
        httpx.Response(200, content=b"PK whole"),
        httpx.Response(200, stream=Breaking()),
        httpx.Response(422, json={"code": "audit.nothing_found", "detail": "nothing"}),
    )
    client = Client(PROFILE, transport=service)
    assert b"".join(client.parts("/api/audit/bundle", stream=None)) == b"PK whole"
    broken = client.parts("/api/audit/bundle")
    assert next(broken) == b"PK"
    with pytest.raises(Stopped) as stopped:
        next(broken)
    assert stopped.value.code is Exit.SOURCE_INCOMPLETE
    with pytest.raises(Refused) as refused:
        next(client.parts("/api/audit/bundle"))
    assert refused.value.problem == "audit.nothing_found"
