"""AUD-01: `defter audit` keeps checkpoints outside and checks proofs where it runs."""

import base64
import json
from pathlib import Path

import pytest

from infrastructure.event_log.keyring import MasterKeys
from infrastructure.identity.signing_keys import SigningKeys, Use
from infrastructure.onboarding import tenant_id_of
from infrastructure.sealing.sealer import Sealer
from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import MASTER_KEY_TEXT, Running
from tests.sealing.logs import seal

pytestmark = pytest.mark.row("AUD-01")

NO_ROOT = base64.b64encode(bytes(32)).decode()


async def test_an_auditor_keeps_a_checkpoint_and_checks_with_it_later(
    running_api: Running,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("DEFTER_URL", running_api.url)
    monkeypatch.setenv("DEFTER_KEY", running_api.key)

    def run(*words: str, code: Exit = Exit.OK) -> str:
        assert main(["audit", *words]) == code, capsys.readouterr().err
        told = capsys.readouterr()
        return told.out if code is Exit.OK else told.err

    url = running_api.database_url
    keys = SigningKeys(url, MasterKeys(base64.b64decode(MASTER_KEY_TEXT)), use=Use.CHECKPOINT)
    tenant_id = tenant_id_of(running_api.tenant)
    await (await seal(url, tenant_id, Sealer(keys))).close()

    kept, receipt = tmp_path / "october.checkpoint", tmp_path / "receipt.json"
    run("checkpoint", "--to", str(kept))
    origin, size, root, *_ = kept.read_text(encoding="utf-8").splitlines()
    assert origin == f"defter/{tenant_id}"
    assert size in run("checkpoints")
    [newest] = json.loads(run("checkpoints", "-o", "json"))
    assert (newest["size"], newest["root"]) == (int(size), root)
    [key] = json.loads(run("keys", "-o", "json"))
    assert key["verifier_key"].startswith(f"{origin}+")

    assert "event 1 stands in the log of" in run("proof", "1", "--to", str(receipt))
    assert json.loads(receipt.read_text(encoding="utf-8"))["checkpoint"]["root"] == root
    assert "unchanged" in run("consistency", size, "--root", root)
    assert "unchanged" in run("consistency", "--against", str(kept))
    assert "which log" in run("consistency", code=Exit.USAGE)
    strange = tmp_path / "strange.checkpoint"
    strange.write_text(kept.read_text(encoding="utf-8").replace(origin, "defter/other"))
    assert "of another log" in run("consistency", "--against", str(strange), code=Exit.USAGE)
    strange.write_text("nonsense", encoding="utf-8")
    assert "can not be read" in run("consistency", "--against", str(strange), code=Exit.USAGE)
    strange.write_text(kept.read_text(encoding="utf-8").replace(root, NO_ROOT), encoding="utf-8")
    said = run("consistency", "--against", str(strange), code=Exit.TAMPERING)
    assert "names the first place that differs" in said
    other = NO_ROOT
    said = run("consistency", size, "--root", other, code=Exit.TAMPERING)
    assert "does not begin with" in said
