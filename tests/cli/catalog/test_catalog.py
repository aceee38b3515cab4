"""CAT-12: products are imported, exported and listed on the command line, over REST, with a key."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import Running

pytestmark = pytest.mark.row("CAT-12")

Say = Callable[..., Any]
SHEET = "sku,ad,kategori,fiyat\nA-1,Kalem,Ev > Masa,12.50\nA-2,Defter,Ev > Masa,x\n"


@pytest.fixture
def say(
    running_all: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Say:
    """Say a command of `defter catalog`, and read its answer."""
    monkeypatch.setenv("DEFTER_URL", running_all.url)
    monkeypatch.setenv("DEFTER_KEY", running_all.key)

    def run(*words: str, code: Exit = Exit.OK) -> tuple[str, str]:
        capsys.readouterr()
        ended = main(["catalog", *words])
        told = capsys.readouterr()
        assert ended == code, told.err
        return told.out, told.err

    return run


@pytest.mark.timeout(240)
def test_a_file_is_tried_imported_exported_and_imported_again(say: Say, tmp_path: Path) -> None:
    file, back = tmp_path / "products.csv", tmp_path / "back.csv"
    file.write_text(SHEET)
    asked = ("import", str(file), "--create-missing", "-o", "json")
    out, err = say(*asked, code=Exit.DIFFERENCES)
    assert "1 created, 0 updated, 0 unchanged, 1 refused; nothing was written" in err
    assert [(row["row"], row["field"]) for row in json.loads(out)] == [(3, "price")]
    assert json.loads(say("list", "-o", "json")[0]) == []

    _, err = say(*asked, "--apply", code=Exit.DIFFERENCES)
    assert "1 created, 0 updated, 0 unchanged, 1 refused\n" in err
    say("export", str(back))
    _, err = say("import", str(back), "--apply")
    assert "0 created, 0 updated, 1 unchanged, 0 refused\n" in err
    (row,) = json.loads(say("list", "-o", "json")[0])
    assert (row["name"], row["status"]) == ("Kalem", "draft")
    shown = json.loads(say("show", row["product_id"], "-o", "json")[0])
    assert shown["variants"][0]["sku"] == "A-1"


def test_a_file_that_can_not_be_read_says_why(say: Say, tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text("sku,pirce\nA,1\n")
    _, err = say("import", str(file), code=Exit.REFUSED)
    assert "did you mean price?" in err
    say("export", str(tmp_path / "products.pdf"), code=Exit.USAGE)
