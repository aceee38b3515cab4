"""The REST client of the finance commands: it repeats what it may, and says no in words."""

import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

import httpx

from interfaces.cli.remote.profiles import Profile, load_profile
from interfaces.cli.terminal.exits import Exit, Refused, Stopped

ATTEMPTS_MAX = 8
BACKOFF_SECONDS_MIN = 0.1
BACKOFF_SECONDS_MAX = 5.0
RETRY_AFTER_SECONDS_MAX = 30.0
CONNECT_SECONDS_MAX = 5.0
ANSWER_SECONDS_MAX = 60.0
PAGE_ITEMS = 500

PASSING = frozenset({429, 502, 503, 504})
"""Answers about the service, not about the request: the same request may be sent again."""

UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the JSON body, and the log position that it stands at."""

    body: Any
    position: int | None


class Client:
    """Speaks to one service with one key. Safe to share between threads."""

    def __init__(
        self,
        profile: Profile,
        *,
        transport: httpx.BaseTransport | None = None,
        attempts_max: int = ATTEMPTS_MAX,
    ) -> None:
        self.url = profile.url
        self._attempts_max = attempts_max
        if not profile.key.isascii():
            raise Stopped(
                "this is no key: it has characters that no key has",
                code=Exit.USAGE,
                then="copy it whole, without the dots of a shortened one",
            )
        try:
            self._http = httpx.Client(
                base_url=profile.url,
                headers={"X-API-Key": profile.key, "User-Agent": "defter-cli"},
                timeout=httpx.Timeout(ANSWER_SECONDS_MAX, connect=CONNECT_SECONDS_MAX),
                transport=transport,
            )
        except (httpx.InvalidURL, ValueError) as wrong:
            raise Stopped(f"{profile.url!r} is no address", code=Exit.USAGE) from wrong

    def get(self, path: str, **query: object) -> Answer:
        """Ask; arguments that are None are left away."""
        return _read(self._send("GET", path, params=_given(query)))

    def text(self, path: str, **query: object) -> str:
        """Ask for what is no JSON, such as CSV; arguments that are None are left away."""
        response = self._send("GET", path, params=_given(query))
        return response.text if response.is_success else _read(response).body

    def pages(self, path: str, **query: object) -> Iterator[Answer]:
        """Ask page by page until there is no next cursor."""
        cursor: str | None = None
        while True:
            answer = self.get(path, cursor=cursor, limit=PAGE_ITEMS, **query)
            yield answer
            cursor = answer.body.get("next_cursor")
            if not cursor:
                return

    def download(self, path: str, **query: object) -> bytes:
        """Ask for a file; arguments that are None are left away."""
        response = self._send("GET", path, params=_given(query))
        return response.content if response.is_success else _read(response).body

    def parts(self, path: str, **query: object) -> Iterator[bytes]:
        """Ask for a file of any size, part by part; one that breaks off is no file."""
        response = self._send("GET", path, stream=True, params=_given(query))
        try:
            if not response.is_success:
                response.read()
                _read(response)
            yield from response.iter_bytes()
        except httpx.TransportError as error:
            raise Stopped(
                f"{self.url} broke off in the middle ({type(error).__name__})",
                code=Exit.SOURCE_INCOMPLETE,
                then="run it again; if it breaks off again, `defter audit verify` looks at the log",
            ) from error
        finally:
            response.close()

    def post(
        self, path: str, body: Mapping[str, object], *, idempotency_key: str | None = None
    ) -> Answer:
        """Send a command; whatever happens on the way, it is carried out once."""
        return self.command("POST", path, body, idempotency_key=idempotency_key)

    def command(
        self,
        method: str,
        path: str,
        body: Mapping[str, object],
        *,
        idempotency_key: str | None = None,
    ) -> Answer:
        """Send a command by another method than POST; DELETE has no body."""
        key = idempotency_key or uuid4().hex
        given: dict[str, Any] = {} if method == "DELETE" else {"json": body}
        return _read(self._send(method, path, headers={"Idempotency-Key": key}, **given))

    def upload(self, path: str, content: bytes, **query: object) -> Answer:
        """Send a file as it is; whatever happens on the way, it is taken once."""
        headers = {"Idempotency-Key": uuid4().hex, "Content-Type": "application/octet-stream"}
        sent = self._send("POST", path, params=_given(query), headers=headers, content=content)
        return _read(sent)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _send(
        self,
        method: str,
        path: str,
        *,
        stream: bool = False,
        **request: Any,  # noqa: ANN401 - httpx's own
    ) -> httpx.Response:
        for attempt in range(1, self._attempts_max + 1):
            try:
                asked = self._http.build_request(method, path, **request)
                response = self._http.send(asked, stream=stream)
            except httpx.TransportError as error:
                if attempt == self._attempts_max:
                    raise self._unreachable(error) from error
                time.sleep(_backoff_seconds(attempt))
                continue
            except httpx.InvalidURL as wrong:
                raise Stopped(f"{self.url!r} is no address", code=Exit.USAGE) from wrong
            if response.status_code in PASSING and attempt < self._attempts_max:
                response.close()
                time.sleep(_asked_seconds(response) + _backoff_seconds(attempt))
                continue
            return response
        raise AssertionError("the last attempt returns or raises")

    def _unreachable(self, error: httpx.TransportError) -> Stopped:
        return Stopped(
            f"{self.url} does not answer ({type(error).__name__})",
            code=Exit.FAILED,
            then="is `defter serve` running there? `defter login` changes the address",
        )


def connect(profile: str | None = None) -> Client:
    """Open a client for a profile."""
    return Client(load_profile(profile))


def _given(query: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in query.items() if value is not None}


def _backoff_seconds(attempt: int) -> float:
    longest = min(BACKOFF_SECONDS_MAX, BACKOFF_SECONDS_MIN * 2 ** (attempt - 1))
    return random.uniform(longest / 2, longest)  # noqa: S311 - jitter


def _asked_seconds(response: httpx.Response) -> float:
    given = response.headers.get("Retry-After", "")
    return min(float(given), RETRY_AFTER_SECONDS_MAX) if given.isdecimal() else 0.0


def _read(response: httpx.Response) -> Answer:
    try:
        body = response.json()
    except ValueError:
        body = None
    if response.is_success and body is not None:
        position = response.headers.get("Defter-Position", "")
        return Answer(body, int(position) if position.isdecimal() else None)
    problem = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    raise refused(problem, status=response.status_code)


def refused(problem: Mapping[str, Any], *, status: int) -> Refused:
    """Turn a problem (RFC 9457) into what ends the command."""
    detail = str(problem.get("detail") or problem.get("title") or f"the service answered {status}")
    for error in problem.get("errors") or ():
        detail += f"; {error.get('pointer', '')}: {error.get('detail', '')}"
    return Refused(
        str(problem.get("code") or f"http.{status}"),
        detail,
        status=status,
        then="run `defter login` with a key that is valid" if status == UNAUTHORIZED else "",
    )
