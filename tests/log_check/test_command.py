"""`defter audit verify`: what it says, and with which exit code it ends (AUD-01, AUD-03)."""

import json
import uuid
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infrastructure.sealing import notes
from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit
from tests.log_check.forging import SEALED, SealedLog

pytestmark = [pytest.mark.row("AUD-01"), pytest.mark.row("AUD-03")]


def verify(log: SealedLog, *words: str) -> int:
    return main(["audit", "verify", "--database-url", log.database_url, *words])


def test_a_sound_log_ends_with_0_and_tells_what_was_looked_at(
    log: SealedLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, *_ = log.keep_outside(tmp_path)
    (tmp_path / "all.txt").write_text("".join(log.notes()), "utf-8")
    asked = ("--tenant", str(log.tenant_id), "--against", str(one), "-o", "json")
    assert verify(log, *asked, "--from-witness", str(tmp_path)) == Exit.OK
    assert json.loads(capsys.readouterr().out) == [
        {
            "tenant": str(log.tenant_id),
            "events": 701,
            "entries": 350,
            "checkpoints": 5,
            "sealed": 701,
            "unsealed": 0,
            "outside": 1 + 2 * len(SEALED),
            "verdict": "sound",
            "code": None,
            "position": None,
            "until": None,
            "found": "",
        }
    ]


def test_tampering_ends_with_4_and_names_the_first_place(
    log: SealedLog, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(log) == Exit.OK
    log.execute("UPDATE defter.events SET version = 9999 WHERE position = 299")
    assert verify(log, "-o", "jsonl") == Exit.TAMPERING
    told = capsys.readouterr()
    row = json.loads(told.out.splitlines()[-1])
    assert (row["verdict"], row["code"], row["position"]) == ("tampered", "log.version_wrong", 299)
    assert "was tampered with: position 299: wallet-wal_bbbb goes on with version 9999" in told.err


def test_books_can_be_left_out(log: SealedLog, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(log, "--no-books", "-o", "json") == Exit.OK
    assert json.loads(capsys.readouterr().out)[0]["entries"] == 0


def test_a_log_without_checkpoints_ends_with_5(
    log: SealedLog, capsys: pytest.CaptureFixture[str]
) -> None:
    log.execute("DELETE FROM defter.log_checkpoints")
    log.execute("DELETE FROM defter.checkpoints")
    assert verify(log) == Exit.SOURCE_INCOMPLETE
    assert "no checkpoint holds any of its 701 events" in capsys.readouterr().err


def test_a_log_that_only_a_witness_knows_ends_with_5(
    log: SealedLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = notes.Checkpoint(notes.origin_of(uuid.uuid4()), 9, bytes(32))
    (tmp_path / "9.txt").write_text(notes.signed(gone, [Ed25519PrivateKey.generate()]), "utf-8")
    assert verify(log, "--from-witness", str(tmp_path)) == Exit.SOURCE_INCOMPLETE
    assert f"{gone.origin}, which has no log here" in capsys.readouterr().err
    asked = ("--tenant", str(log.tenant_id), "--against", str(tmp_path / "9.txt"))
    assert verify(log, *asked) == Exit.USAGE
    assert "which was not asked for" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "given", "complaint"),
    [
        ("--against", "missing.txt", "can not be read"),
        ("--against", "empty.txt", "is empty"),
        ("--against", "prose.txt", "holds no checkpoint"),
        ("--from-witness", "empty", "holds no checkpoints"),
        ("--key", "defter+00000000+AQ==", "is no verifier key"),
        ("--key", "defter", "is no verifier key"),
        ("--tenant", "nobody", "there is no tenant"),
    ],
)
def test_what_can_not_be_asked_ends_with_2(
    log: SealedLog,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    option: str,
    given: str,
    complaint: str,
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.txt").write_text("\n", "utf-8")
    (tmp_path / "prose.txt").write_text("all is well\n", "utf-8")
    value = str(tmp_path / given) if option in {"--against", "--from-witness"} else given
    assert verify(log, option, value) == Exit.USAGE
    assert complaint in capsys.readouterr().err
