"""Evidence bundles verify on a machine without Defter, and no tampering passes (AUD-01, WLT-13)."""

import sys
from pathlib import Path
from uuid import UUID

import pytest

from tests.kit.lively.whole import lively
from tests.sealing.bundles import (
    ALTERED,
    SOUND,
    exported,
    key_of,
    said,
    unpacked,
)
from tests.sealing.logs import fill, seal, sealer

pytestmark = [pytest.mark.row("AUD-01"), pytest.mark.row("AUD-03"), pytest.mark.row("WLT-13")]


async def test_a_bundle_of_the_whole_log_verifies(database_url: str, tmp_path: Path) -> None:
    log = lively()
    log.store(database_url)
    await (await seal(database_url, log.tenant_id)).close()
    bundle = await exported(database_url, log.tenant_id)
    (tmp_path / "x.zip").write_bytes(bundle)
    print({k: len(v) for k, v in unpacked(bundle).items()})
    found = said(tmp_path, bundle)
    print(found.text)
    Path("/tmp/w/t_chart.svg").write_bytes(unpacked(bundle)["chart.svg"])
    Path("/tmp/w/t_bundle.zip").write_bytes(bundle)
    assert found.code == SOUND
