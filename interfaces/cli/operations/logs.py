"""`defter logs`: look for lines in the log files of this machine."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

LINES, LINES_MAX = 500, 10_000
LOG_FILE_VARIABLE = "DEFTER_LOG_FILE"

SHOWN = ("level", "event", "request_id", "tenant", "route", "status", "latency_ms", "code", "error")
COLUMNS = (
    Column("time"),
    Column("source"),
    *(Column(name) for name in SHOWN),
    Column("more"),
)
_TOLD_ELSEWHERE = {*SHOWN, "time", "timestamp"}


class Level(StrEnum):
    """How grave a line is at least."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def search(  # noqa: PLR0913 - what to look for, and where
    *,
    request_id: Annotated[
        str | None, typer.Option(help="Of this request, and of what it led to.")
    ] = None,
    level: Annotated[Level, typer.Option(help="At least as grave.")] = Level.DEBUG,
    since: Annotated[
        str | None, typer.Option(help="90s, 30m, 1h, 2d, or a time.", metavar="AGE")
    ] = None,
    files: Annotated[
        str | None,
        typer.Option(help=f"Such as /var/log/defter/{{role}}.jsonl; else {LOG_FILE_VARIABLE}."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=LINES_MAX, help="So many at most.")] = LINES,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Search the log files, those that were rotated too; the latest lines, oldest first.

    Example: `defter logs search --level error --since 1h`
    """
    from infrastructure.observability import log_search  # noqa: PLC0415 - `--help` stays quick

    found = log_search.search(
        _files(files), log_search.Wanted(request_id, level, _since(since)), most=limit
    )
    rows = [_row(one.source, one.at, one.line) for one in found]
    show(Report("Log lines", COLUMNS, rows), output=output, to=to)
    if len(rows) == limit:
        typer.echo(f"only the latest {limit:,} are shown; --limit shows more", err=True)


def _files(given: str | None) -> list[Path]:
    from infrastructure.observability.log_search import files_of  # noqa: PLC0415 - as above

    pattern = given or os.environ.get(LOG_FILE_VARIABLE)
    if not pattern:
        raise Stopped(
            "no log files are named",
            code=Exit.USAGE,
            then=f"name them with --files, or set {LOG_FILE_VARIABLE}",
        )
    found = files_of(pattern)
    if not found:
        raise Stopped(f"there are no log files at {pattern}", code=Exit.USAGE)
    return found


def _since(text: str | None) -> datetime | None:
    from infrastructure.observability.log_search import moment  # noqa: PLC0415 - as above

    try:
        return None if text is None else moment(text, datetime.now(UTC))
    except ValueError as wrong:
        raise Stopped(f"{text!r} is neither an age nor a time", code=Exit.USAGE) from wrong


def _row(source: str, at: datetime, line: Mapping[str, Any]) -> dict[str, Any]:
    more = {name: value for name, value in line.items() if name not in _TOLD_ELSEWHERE}
    return {
        **{name: line.get(name) for name in SHOWN},
        "time": at.isoformat(timespec="milliseconds"),
        "source": source,
        "more": json.dumps(more, ensure_ascii=False) if more else None,
    }
