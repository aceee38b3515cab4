"""Answers as a table for people, or as JSON, JSON lines, CSV, Parquet and XLSX for machines."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.terminal.amounts import decimal_of, written
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.visible import visible

if TYPE_CHECKING:
    import polars as pl

DECIMALS_MAX = 4
"""No ISO 4217 currency has more, so one column carries all of them."""

FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
MINOR_DIGITS = 38
INT64_MAX = 2**63 - 1


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    XLSX = "xlsx"


FormatOption = Annotated[
    Format, typer.Option("--output", "-o", help="How to write the answer.", show_default=True)
]
FileOption = Annotated[
    Path | None, typer.Option("--to", help="Write to this file; parquet and xlsx need one.")
]


@dataclass(frozen=True, slots=True)
class Column:
    """A column. An `amount` holds minor units; its row says the currency."""

    name: str
    amount: bool = False
    number: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Rows under columns, with a title; rows `above` and `totals` are for people only."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Mapping[str, Any]]
    above: Sequence[Mapping[str, Any]] = ()
    totals: Sequence[Mapping[str, Any]] = ()


def show(report: Report, *, output: Format, to: Path | None = None) -> None:
    """Write a report to the terminal or to a file."""
    must_fit(output, to)
    if output is Format.TABLE:
        _table(report)
    elif output in _TEXTS:
        _put(_TEXTS[output](report), to)
    elif to is not None:
        frame = _frame(report)
        if output is Format.PARQUET:
            frame.write_parquet(to)
        else:
            frame.write_excel(str(to), worksheet=report.title[:31], autofit=True)


def must_fit(output: Format, to: Path | None) -> None:
    """Refuse a format that can not be written there, such as before long work for it begins."""
    if output is Format.TABLE and to is not None:
        raise Stopped(
            "a table is for the terminal", code=Exit.USAGE, then="add -o csv, or leave --to away"
        )
    if output is not Format.TABLE and output not in _TEXTS and to is None:
        raise Stopped(
            f"{output} is written to a file", code=Exit.USAGE, then=f"add --to report.{output}"
        )


def show_object(title: str, fields: Mapping[str, object], *, output: Format) -> None:
    """Write one thing: its fields below one another, or as JSON on one line or several."""
    if output in {Format.JSON, Format.JSONL}:
        indent = 2 if output is Format.JSON else None
        _put(json.dumps(fields, ensure_ascii=False, indent=indent, default=str) + "\n", None)
        return
    if output is Format.CSV:
        _put(_as_csv(_listed(title, fields)), None)
        return
    if output is not Format.TABLE:
        raise Stopped(
            f"one thing is not written as {output}", code=Exit.USAGE, then="write it as json or csv"
        )
    _table(_listed(title, fields))


def _listed(title: str, fields: Mapping[str, object]) -> Report:
    rows = [{"field": name, "value": value} for name, value in fields.items()]
    return Report(title, (Column("field"), Column("value")), rows)


def _table(report: Report) -> None:
    from rich.console import Console  # noqa: PLC0415 - `--help` stays quick
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    def cells(row: Mapping[str, Any]) -> "Iterator[Text]":
        # What stands in the log is text and no markup, whatever it looks like.
        return (Text(_cell(column, row)) for column in report.columns)

    # A title is one line, however narrow what stands below it is.
    title = Text(visible(report.title), style="italic")
    table = Table(title=title, title_justify="left", min_width=len(report.title))
    for column in report.columns:
        right = column.amount or column.number
        table.add_column(column.name.replace("_", " "), justify="right" if right else "left")
    for row in report.above:
        table.add_row(*cells(row), style="bold")
    for row in report.rows:
        table.add_row(*cells(row))
    if report.totals:
        table.add_section()
    for row in report.totals:
        table.add_row(*cells(row), style="bold")
    # A pipe is not narrow: whoever reads it gets whole lines.
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(table)


def _cell(column: Column, row: Mapping[str, Any]) -> str:
    value = row.get(column.name)
    if value is None:
        return ""
    return written(value, row["currency"]) if column.amount else visible(str(_flat(value)))


def _flat(value: object) -> object:
    """Write what has parts as JSON, on one line."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value


def _names(report: Report) -> list[str]:
    return [
        name
        for column in report.columns
        for name in ((f"{column.name}_minor", column.name) if column.amount else (column.name,))
    ]


def _plain(report: Report) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for row in report.rows:
        plain: dict[str, Any] = {}
        for column in report.columns:
            value = row.get(column.name)
            if column.amount:
                plain[f"{column.name}_minor"] = value
                value = None if value is None else decimal_of(value, row["currency"])
            plain[column.name] = value
        rows.append(plain)
    return rows


def _as_json(report: Report) -> str:
    return json.dumps(_plain(report), ensure_ascii=False, indent=2, default=str) + "\n"


def _as_json_lines(report: Report) -> str:
    rows = _plain(report)
    return "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows)


def _as_csv(report: Report) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, _names(report), lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: _in_cell(value) for name, value in row.items()} for row in _plain(report)
    )
    return text.getvalue()


def _in_cell(value: object) -> object:
    # A spreadsheet would run a formula.
    formula = isinstance(value, str) and value[:1] in FORMULA_MARKS
    return f"'{value}" if formula else _flat(value)


_TEXTS: Mapping[Format, Callable[[Report], str]] = {
    Format.JSON: _as_json,
    Format.JSONL: _as_json_lines,
    Format.CSV: _as_csv,
}


def _frame(report: Report) -> "pl.DataFrame":
    import polars as pl  # noqa: PLC0415 - `--help` stays quick

    rows = _plain(report)
    columns: dict[str, pl.Series] = {}
    for column in report.columns:
        values = [row[column.name] for row in rows]
        if column.amount:
            minor = [row[f"{column.name}_minor"] for row in rows]
            small = all(value is None or abs(value) <= INT64_MAX for value in minor)
            kind = pl.Int64() if small else pl.Decimal(MINOR_DIGITS, 0)
            columns[f"{column.name}_minor"] = pl.Series(minor, dtype=kind)
            columns[column.name] = pl.Series(values, dtype=pl.Decimal(MINOR_DIGITS, DECIMALS_MAX))
        else:
            numbers = column.number or _all_numbers(values)
            columns[column.name] = pl.Series(
                [value if numbers or value is None else str(_flat(value)) for value in values],
                dtype=pl.Int64() if numbers else pl.String(),
            )
    return pl.DataFrame(columns)


def _all_numbers(values: Sequence[object]) -> bool:
    """Whether a column that is not said to hold numbers holds nothing else."""
    given = [value for value in values if value is not None]
    return bool(given) and all(type(one) is int and abs(one) <= INT64_MAX for one in given)


def _put(text: str, to: Path | None) -> None:
    if to is None:
        sys.stdout.write(text)
    else:
        to.write_text(text, encoding="utf-8")
