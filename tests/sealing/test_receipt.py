"""The receipt of one event is checked by verify.py on a machine without Defter (AUD-01)."""

import base64
import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from infrastructure.sealing.proofs import prove_inclusion
from interfaces.http.audit.checkpoints import checkpoint_view
from tests.sealing.bundles import (
    ALTERED,
    ASKED_WRONGLY,
    INCOMPLETE,
    SOUND,
    key_of,
    ran,
    said,
)
from tests.sealing.logs import fill, seal

pytestmark = pytest.mark.row("AUD-01")

VERIFY = Path(__file__).parents[2] / "infrastructure" / "sealing" / "bundle" / "verify.py"
EVENTS = 11
Receipt = dict[str, Any]


@pytest.fixture(scope="module")
async def log(module_database_url: str) -> UUID:
    tenant_id = uuid4()
    fill(module_database_url, tenant_id, 1, EVENTS)
    await (await seal(module_database_url, tenant_id)).close()
    return tenant_id


async def receipt_of(database_url: str, tenant_id: UUID, position: int) -> Receipt:
    """Give what `GET /api/events/{position}/proof` answers."""
    async with await seal(database_url, tenant_id) as connection:
        found = await prove_inclusion(connection, tenant_id, position)
    return {
        "position": position,
        "leaf": _text(found.leaf),
        "path": [_text(one) for one in found.path],
        "checkpoint": {"note": checkpoint_view(found.checkpoint)["note"]},
    }


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize("position", range(1, EVENTS + 1))
async def test_each_event_of_a_log_is_proven_by_its_receipt_alone(
    module_database_url: str, log: UUID, tmp_path: Path, position: int
) -> None:
    receipt = json.dumps(await receipt_of(module_database_url, log, position)).encode()
    key = await key_of(module_database_url, log)
    found = said(tmp_path, receipt, "--key", key)
    assert found.code == SOUND, found.text
    assert f"event {position} is in that log" in found.text
    assert f'"stream":"wallet-wal_{position}"' in found.text


async def test_a_bare_python_checks_a_receipt(
    module_database_url: str, log: UUID, tmp_path: Path
) -> None:
    file, kept = tmp_path / "receipt.json", tmp_path / "kept.txt"
    receipt = await receipt_of(module_database_url, log, 6)
    file.write_text(json.dumps(receipt))
    kept.write_text(receipt["checkpoint"]["note"])
    key = await key_of(module_database_url, log)
    found = ran(str(VERIFY), str(file), "--key", key, "--against", str(kept))
    assert found.code == SOUND, found.text
    assert f"the first {EVENTS} events are those of the checkpoint that you keep" in found.text


async def test_what_was_altered_in_a_receipt_is_told(
    module_database_url: str, log: UUID, tmp_path: Path
) -> None:
    receipt = await receipt_of(module_database_url, log, 6)
    other = await receipt_of(module_database_url, log, 7)
    key = await key_of(module_database_url, log)
    leaf = base64.b64decode(receipt["leaf"])
    root = receipt["checkpoint"]["note"].split("\n")[2]
    false_root = _text(bytes(32))
    tenant = log.bytes
    changed: list[Receipt] = [
        receipt | {"leaf": _text(leaf.replace(b'{"n": 6}', b'{"n": 7}'))},
        receipt | {"leaf": _text(leaf.replace(tenant, bytes(16)))},
        receipt | {"leaf": other["leaf"]},
        receipt | {"path": other["path"]},
        receipt | {"path": receipt["path"][:-1]},
        receipt | {"path": [*receipt["path"], receipt["path"][0]]},
        receipt | {"path": []},
        receipt | {"checkpoint": {"note": receipt["checkpoint"]["note"].replace(root, false_root)}},
        {"position": 6},
    ]
    for altered in changed:
        assert altered != receipt
        found = said(tmp_path, json.dumps(altered).encode(), "--key", key)
        assert found.code == ALTERED, found.text


async def test_a_receipt_needs_a_key_that_is_known_from_elsewhere(
    module_database_url: str, log: UUID, tmp_path: Path
) -> None:
    receipt = json.dumps(await receipt_of(module_database_url, log, 6)).encode()
    alone = said(tmp_path, receipt)
    assert alone.code == INCOMPLETE
    assert "--key" in alone.text
    wrong = said(tmp_path, receipt, "--key", "nonsense")
    assert wrong.code == ASKED_WRONGLY
    assert "a verifier key is written name+hash+base64" in wrong.text
    assert said(tmp_path, receipt[:-10], "--key", "x").code == ASKED_WRONGLY
    key = await key_of(module_database_url, log)
    assert said(tmp_path, receipt[:-10], "--key", key).code == INCOMPLETE
