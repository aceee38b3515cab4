"""OBS-06: the lines of a request are found again, whichever process wrote them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infrastructure.observability.log_file import LogFile, Rotation
from infrastructure.observability.log_search import Wanted, files_of, moment, search
from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit

pytestmark = pytest.mark.row("OBS-06")

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
Says = Callable[..., str]


def access(n: int, request_id: str, **more: object) -> bytes:
    at = (NOON + timedelta(seconds=n)).isoformat().replace("+00:00", "Z")
    return json.dumps({"time": at, "event": "request", "request_id": request_id} | more).encode()


def told(n: int, level: str, **more: object) -> bytes:
    at = (NOON + timedelta(seconds=n)).isoformat()
    return json.dumps({"event": "told", "level": level, "timestamp": at} | more).encode()


@pytest.fixture
def pattern(tmp_path: Path) -> str:
    """Write what two roles wrote; the first one's lines lie in several files."""
    given = str(tmp_path / "{role}.jsonl")
    api = LogFile(given, "api", Rotation(bytes_max=400, kept=50))
    for n in range(20):
        api.write([access(n, f"req_{n:04}")])
    api.write([told(20, "error", request_id="req_0007", error="builtins.KeyError")])
    api.close()
    worker = LogFile(given, "worker", Rotation(bytes_max=400, kept=50))
    worker.write(
        [told(8, "warning", correlation_id="req_0007"), b"no json", b'{"event":"no time"}']
    )
    worker.write([b'{"time":"never","event":"x"}', told(9, "info")])
    worker.close()
    assert len(list(tmp_path.glob("api.jsonl.*"))) > 3
    return given


@pytest.fixture
def says(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Says:
    monkeypatch.delenv("DEFTER_LOG_FILE", raising=False)

    def run(*words: str, code: Exit = Exit.OK) -> Any:  # noqa: ANN401 - text or JSON
        ended = main(["logs", "search", *words])
        said = capsys.readouterr()
        assert ended == code, said.err
        return said.out if code is Exit.OK else said.err

    return run


def test_a_request_is_found_with_all_that_it_led_to_in_its_order(pattern: str) -> None:
    found = search(files_of(pattern), Wanted(request_id="req_0007"))
    assert [(one.source, one.line["event"]) for one in found] == [
        ("api", "request"),
        ("worker", "told"),
        ("api", "told"),
    ]


def test_a_level_takes_what_is_graver_and_a_request_that_failed_is_an_error(pattern: str) -> None:
    failed = LogFile(pattern, "api", Rotation(bytes_max=400, kept=50))
    failed.write([access(30, "req_failed", status=503), access(31, "req_refused", status=404)])
    failed.close()
    files = files_of(pattern)
    counts = {level: len(search(files, Wanted(level=level))) for level in ("info", "warning")}
    assert counts == {"info": 25, "warning": 3}
    graver = search(files, Wanted(level="error"))
    assert [one.line["request_id"] for one in graver] == ["req_0007", "req_failed"]


def test_only_the_latest_are_given_and_only_since_a_moment(pattern: str) -> None:
    files = files_of(pattern)
    latest = search(files, Wanted(), most=2)
    assert [one.at.second for one in latest] == [19, 20]
    since = search(files, Wanted(since=NOON + timedelta(seconds=18)))
    assert [one.at.second for one in since] == [18, 19, 20]


def test_a_moment_is_an_age_or_a_time() -> None:
    ages = {"90s": 90, "30m": 1_800, "1h": 3_600, "2d": 172_800}
    for text, seconds in ages.items():
        assert moment(text, NOON) == NOON - timedelta(seconds=seconds)
    assert moment("2026-05-01T12:00:00Z", NOON) == moment("2026-05-01T12:00:00", NOON) == NOON
    with pytest.raises(ValueError, match="yesterday"):
        moment("yesterday", NOON)


def test_people_and_machines_search_with_the_command(pattern: str, says: Says) -> None:
    rows = json.loads(says("--request-id", "req_0007", "--files", pattern, "-o", "json"))
    assert [(row["source"], row["level"], row["error"]) for row in rows] == [
        ("api", None, None),
        ("worker", "warning", None),
        ("api", "error", "builtins.KeyError"),
    ]
    assert "req_0007" in says("--level", "error", "--files", pattern)
    assert json.loads(says("--since", "1m", "--files", pattern, "-o", "json")) == []


def test_what_can_not_be_searched_is_said_in_one_line(
    pattern: str, tmp_path: Path, says: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no log files are named" in says(code=Exit.USAGE)
    elsewhere = str(tmp_path / "elsewhere" / "{role}.jsonl")
    assert "there are no log files" in says("--files", elsewhere, code=Exit.USAGE)
    assert "neither an age nor a time" in says("--since", "x", "--files", pattern, code=Exit.USAGE)
    monkeypatch.setenv("DEFTER_LOG_FILE", pattern)
    assert len(json.loads(says("-o", "json", "--limit", "5"))) == 5
