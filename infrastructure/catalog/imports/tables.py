"""Files as tables of text: CSV as spreadsheets in Türkiye and elsewhere write it, and XLSX."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, ZipError

from infrastructure.catalog.imports.refused import FileRefused

ROWS_MAX = 200_000
UNPACKED_BYTES_MAX = 512 * 1024 * 1024
CELL_LENGTH_MAX = 100_000
XLSX_BEGINS = b"PK\x03\x04"
DELIMITERS = (";", ",", "\t")

Table = list[list[str]]


def read_table(content: bytes) -> Table:
    """Read a file, headings first; every cell is text without spaces around it."""
    rows = _workbook(content) if content.startswith(XLSX_BEGINS) else _csv(content)
    table: Table = []
    for row in rows:
        if len(table) > ROWS_MAX:
            raise FileRefused("catalog.import_too_long", f"a file has {ROWS_MAX:,} rows at most")
        table.append(row)
    if not table or not any(table[0]):
        raise FileRefused("catalog.import_empty", "the first line names the columns")
    return table


def _csv(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    csv.field_size_limit(CELL_LENGTH_MAX)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            yield [_unguarded(cell.strip()) for cell in row]
    except csv.Error as broken:
        raise FileRefused(
            "catalog.import_unreadable", f"line {reader.line_num} is no CSV: {broken}"
        ) from broken


def _unguarded(cell: str) -> str:
    """Take away what exports put before text that a spreadsheet would take for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in {"=", "+", "-", "@"} else cell


def _decoded(content: bytes) -> str:
    """Read UTF-8, and what is none as Windows-1254, which Turkish spreadsheets write."""
    for encoding in ("utf-8-sig", "cp1254"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileRefused("catalog.import_unreadable", "the file is neither XLSX nor CSV in UTF-8")


def _workbook(content: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(one.file_size for one in packed.infolist())
        if size > UNPACKED_BYTES_MAX:
            raise FileRefused("catalog.import_too_long", "the workbook is too large unpacked")
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet: Any = workbook.get_sheet_by_index(0)
        rows: Iterable[list[Any]] = sheet.to_python(skip_empty_area=False)
    except (CalamineError, ZipError, zipfile.BadZipFile, IndexError) as broken:
        raise FileRefused("catalog.import_unreadable", "this workbook can not be read") from broken
    for row in rows:
        yield [_text(cell) for cell in row]


def _text(cell: object) -> str:
    """Write a cell as its spreadsheet would, with a decimal point."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() | date():
            return cell.isoformat()
        case _:
            return str(cell).strip()
