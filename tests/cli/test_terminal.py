import json
import stat
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import typer

from interfaces.cli.app import app, main
from interfaces.cli.remote import profiles
from interfaces.cli.terminal.amounts import minor_of, written
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.output import Column, Format, Report, show, show_object

REPORT = Report(
    "Balances",
    (Column("name"), Column("currency"), Column("balance", amount=True)),
    [
        {"name": "=SUM(A1)", "currency": "TRY", "balance": 1_234_567},
        {"name": "yen", "currency": "JPY", "balance": -5},
        {"name": "dinar", "currency": "BHD", "balance": 1_500},
        {"name": "nothing", "currency": None, "balance": None},
    ],
)


@pytest.fixture(autouse=True)
def own_profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("DEFTER_URL", raising=False)
    monkeypatch.delenv("DEFTER_KEY", raising=False)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1_234_567, "TRY", "12,345.67"),
        (-5, "JPY", "-5"),
        (1_500, "BHD", "1.500"),
        (5, "GBP", "0.05"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(minor: int, currency: str, text: str) -> None:
    assert written(minor, currency) == text


@pytest.mark.parametrize("text", ["12.505", "0", "-1", "NaN", "1e400", "ten", "90071992547409.92"])
def test_refuses_what_is_no_amount(text: str) -> None:
    with pytest.raises(Stopped) as stopped:
        minor_of(text, "TRY")
    assert stopped.value.code is Exit.USAGE


def test_reads_an_amount_exactly() -> None:
    assert [minor_of(text, "TRY") for text in ("12.5", "0.01", "250")] == [1250, 1, 25_000]


def test_csv_has_minor_units_and_decimals_and_no_formulas(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show(REPORT, output=Format.CSV)
    assert capsys.readouterr().out.splitlines() == [
        "name,currency,balance_minor,balance",
        "'=SUM(A1),TRY,1234567,12345.67",
        "yen,JPY,-5,-5",
        "dinar,BHD,1500,1.500",
        "nothing,,,",
    ]


def test_json_keeps_amounts_exact(capsys: pytest.CaptureFixture[str]) -> None:
    show(REPORT, output=Format.JSON)
    first = json.loads(capsys.readouterr().out)[0]
    assert (first["balance_minor"], first["balance"]) == (1_234_567, "12345.67")


def test_parquet_and_xlsx_are_files(tmp_path: Path) -> None:
    show(REPORT, output=Format.PARQUET, to=tmp_path / "a.parquet")
    frame = pl.read_parquet(tmp_path / "a.parquet")
    assert frame["balance"].to_list()[:2] == [Decimal("12345.6700"), Decimal("-5.0000")]
    show(REPORT, output=Format.XLSX, to=tmp_path / "a.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes()[:2] == b"PK"
    with pytest.raises(Stopped):
        show(REPORT, output=Format.PARQUET)


def test_the_table_is_right_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    show(REPORT, output=Format.TABLE)
    lines = capsys.readouterr().out.splitlines()
    assert any(line.endswith("│ 12,345.67 │") for line in lines)
    assert any(line.endswith("│        -5 │") for line in lines)


def test_what_stands_in_a_table_is_text_whatever_it_looks_like(
    capsys: pytest.CaptureFixture[str],
) -> None:
    texts = (
        "[sealed]",
        "[bold]brackets[/bold] and [red]x",
        "bad [/nope] tag",
        ":smile:",
        "a\x1b[2Jb\rc\u202ed",
    )
    show_object("[/x] of [red]", dict(enumerate(texts)), output=Format.TABLE)  # type: ignore[arg-type]
    told = capsys.readouterr().out
    assert all(text in told for text in ("[/x] of [red]", *texts[:4]))
    assert "a\\u001b[2Jb\\u000dc\\u202ed" in told
    assert "\x1b" not in told


def test_what_has_parts_is_told_as_json_and_not_as_python(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fields = {"data": {"note": None, "of": ["Ayşe"]}, "position": 6}
    show_object("Event", fields, output=Format.TABLE)
    assert '{"note": null, "of": ["Ayşe"]}' in capsys.readouterr().out
    show_object("Event", fields, output=Format.CSV)
    assert capsys.readouterr().out.splitlines() == [
        "field,value",
        'data,"{""note"": null, ""of"": [""Ayşe""]}"',
        "position,6",
    ]
    show_object("Event", fields, output=Format.JSONL)
    assert capsys.readouterr().out == json.dumps(fields, ensure_ascii=False) + "\n"
    show_object("Event", fields, output=Format.JSON)
    assert json.loads(capsys.readouterr().out) == fields
    with pytest.raises(Stopped, match="not written as parquet"):
        show_object("Event", fields, output=Format.PARQUET)


def test_a_column_of_numbers_is_one_in_parquet(tmp_path: Path) -> None:
    columns = Column("version"), Column("name"), Column("mixed"), Column("none"), Column("huge")
    rows = [
        {"version": 1, "name": "a", "mixed": 1, "none": None, "huge": 2**70},
        {"version": None, "name": {"a": 1}, "mixed": "x", "none": None, "huge": 1},
    ]
    show(Report("Rows", columns, rows), output=Format.PARQUET, to=tmp_path / "a.parquet")
    frame = pl.read_parquet(tmp_path / "a.parquet")
    assert frame["version"].to_list() == [1, None]
    assert frame["name"].to_list() == ["a", '{"a": 1}']
    assert [frame[name].dtype for name in ("mixed", "none", "huge")] == [pl.String()] * 3


def test_a_profile_is_its_owners_alone() -> None:
    profiles.save_profile("local", "http://127.0.0.1:8000/", "dsk_test_a")
    path = profiles.profiles_file()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert profiles.load_profile() == profiles.Profile("http://127.0.0.1:8000", "dsk_test_a")


def test_the_environment_stands_above_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    profiles.save_profile("local", "http://127.0.0.1:8000", "dsk_test_a")
    profiles.save_profile("books", "https://books.test", "dsk_live_b")
    assert profiles.load_profile().key == "dsk_test_a"
    assert profiles.load_profile("books").key == "dsk_live_b"
    monkeypatch.setenv("DEFTER_KEY", "dsk_test_c")
    assert profiles.load_profile() == profiles.Profile("http://127.0.0.1:8000", "dsk_test_c")


def test_the_environment_names_the_profile(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    profiles.save_profile("local", "http://127.0.0.1:1", "dsk_test_a")
    monkeypatch.setenv("DEFTER_PROFILE", "nobody")
    assert main(["audit", "keys"]) == Exit.USAGE
    assert "there is no profile 'nobody' (known: local)" in capsys.readouterr().err


def _spoil(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("[]")


@pytest.mark.parametrize(
    ("words", "prepare", "code", "says"),
    [
        (["ledger", "accounts"], None, Exit.USAGE, "there is no profile 'local'"),
        (["ledger", "accounts"], _spoil, Exit.USAGE, "can not be read"),
        (["ledger", "nothing"], None, Exit.USAGE, "No such command"),
        (["demo", "missing.csv"], None, Exit.USAGE, "does not exist"),
        (["ledger", "verify", "--data", "nowhere"], None, Exit.USAGE, "nothing is served"),
    ],
)
def test_each_mistake_is_one_clear_line(
    *,
    words: list[str],
    prepare: Callable[[Path], None] | None,
    code: Exit,
    says: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("DATABASE_URL", "DEFTER_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    if prepare is not None:
        prepare(profiles.profiles_file())
    assert main(words) == code
    told = capsys.readouterr().err
    assert says in told
    assert "Traceback" not in told


def test_every_command_teaches_by_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    taught = 0
    for words in commands_of(typer.main.get_command(app)):
        assert main([*words, "--help"]) == Exit.OK
        told = " ".join(capsys.readouterr().out.split())
        assert f"Example: defter {' '.join(words)}" in told
        taught += 1
    assert taught >= 32


def commands_of(group: Any, *before: str) -> list[tuple[str, ...]]:  # noqa: ANN401 - Typer's own
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        words = (*before, name)
        found += commands_of(command, *words) if hasattr(command, "commands") else [words]
    return found
