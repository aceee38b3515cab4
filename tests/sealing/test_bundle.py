"""Evidence bundles verify on a machine without Defter (AUD-01, AUD-03, WLT-13)."""

import json
import zipfile
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from infrastructure.sealing import checkpoints
from infrastructure.sealing.bundle.choosing import NoCheckpoint
from infrastructure.sealing.bundle.evidence import EVENTS_PER_LOOK, SPANS_PER_LOOK
from infrastructure.sealing.proofs import NotSealed
from tests.kit.lively.whole import lively
from tests.sealing.bundles import (
    ALTERED,
    ASKED_WRONGLY,
    BARE,
    INCOMPLETE,
    SOUND,
    Said,
    exported,
    key_of,
    leaves_of,
    ran,
    said,
    unpacked,
)
from tests.sealing.logs import fill, look, seal, sealer

pytestmark = [pytest.mark.row("AUD-01"), pytest.mark.row("AUD-03"), pytest.mark.row("WLT-13")]

STEPS = (1, 300, 301, 700, 1_000, EVENTS_PER_LOOK + 2_000)
END = STEPS[-1]


@pytest.fixture(scope="module")
async def grown(module_database_url: str) -> UUID:
    """A log with a checkpoint at each of `STEPS`."""
    tenant_id, done, working = uuid4(), 0, sealer(module_database_url)
    for size in STEPS:
        fill(module_database_url, tenant_id, done + 1, size)
        await (await seal(module_database_url, tenant_id, working)).close()
        done = size
    return tenant_id


async def note_of(database_url: str, tenant_id: UUID, size: int) -> str:
    async with await seal(database_url, tenant_id) as connection:
        await look(connection, tenant_id)
        found = await checkpoints.first_with(connection, tenant_id, size)
        assert found is not None
        return found.note


@pytest.mark.parametrize("python", [BARE, ("-I",)], ids=["alone", "with cryptography"])
async def test_a_bundle_of_a_whole_log_verifies(
    database_url: str, tmp_path: Path, python: tuple[str, ...]
) -> None:
    log = lively()
    log.store(database_url)
    await (await seal(database_url, log.tenant_id)).close()
    bundle = await exported(database_url, log.tenant_id)
    key = await key_of(database_url, log.tenant_id)
    file = tmp_path / "bundle.zip"
    file.write_bytes(bundle)
    (tmp_path / "verify.py").write_bytes(unpacked(bundle)["verify.py"])
    found = ran(str(tmp_path / "verify.py"), str(file), "--key", key, python=python)
    assert found.code == SOUND, found.text
    last = len(log.events)
    assert f"{last} events, from 1 to {last} without a gap, are in that log" in found.text
    files = unpacked(bundle)
    told = [json.loads(line) for line in files["events.jsonl"].splitlines()]
    assert [one["position"] for one in told] == list(range(1, last + 1))
    assert told[0]["data"] == {"base_currency": "TRY", "time_zone": "Europe/Istanbul"}
    assert b"\nbank,TRY,10" in files["accounts.csv"]
    assert b"from her mother" not in b"".join(files.values())
    assert files["chart.svg"].count(b"<polyline") > 3


@pytest.mark.parametrize(
    "spans",
    [
        [(1, 1)],
        [(END, END)],
        [(257, 512)],
        [(299, 302), (690, 705)],
        [(2, END - 1)],
        [(n, n) for n in range(3, 3 * SPANS_PER_LOOK + 30, 3)],
    ],
    ids=lambda spans: f"{len(spans)} from {spans[0][0]}",
)
async def test_a_part_of_a_log_is_proven_by_the_hashes_beside_it(
    module_database_url: str, grown: UUID, tmp_path: Path, spans: list[tuple[int, int]]
) -> None:
    bundle = await exported(module_database_url, grown, *spans)
    found = said(tmp_path, bundle)
    assert found.code == SOUND, found.text
    held = [int.from_bytes(leaf[24:32], "big") for leaf in leaves_of(unpacked(bundle))]
    assert held == [n for first, last in spans for n in range(first, last + 1)]


async def test_older_checkpoints_of_the_same_time_are_proven_too(
    module_database_url: str, grown: UUID, tmp_path: Path
) -> None:
    bundle = await exported(module_database_url, grown)
    names = {name for name in unpacked(bundle) if name.startswith("checkpoints/")}
    assert f"checkpoints/{END}.txt" in names
    assert len(names) > 2
    found = said(tmp_path, bundle)
    assert f"the log of {END} events begins with that of" in found.text


async def test_a_checkpoint_that_somebody_keeps_is_found_again(
    module_database_url: str, grown: UUID, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text(await note_of(module_database_url, grown, 300))
    asked = ("--against", str(kept))

    async def told(*spans: tuple[int, int], against: int | None = None) -> Said:
        bundle = await exported(module_database_url, grown, *spans, against=against)
        return said(tmp_path, bundle, *asked)

    assert (await told()).code == SOUND
    assert (await told((900, 950), against=300)).code == SOUND
    missing = await told((310, 310))
    assert missing.code == INCOMPLETE
    assert "export with --against 300" in missing.text
    early = await exported(module_database_url, grown, checkpoint=1)
    assert said(tmp_path, early, *asked).code == INCOMPLETE
    kept.write_text(kept.read_text().replace("300\n", "nonsense\n", 1))
    assert said(tmp_path, early, *asked).code == ASKED_WRONGLY


ANEW = """
ALTER TABLE defter.{table} DISABLE TRIGGER ALL;
DELETE FROM defter.{table} WHERE tenant_id = '{tenant_id}';
ALTER TABLE defter.{table} ENABLE ALWAYS TRIGGER append_only;
"""


async def test_a_history_written_anew_is_found_by_who_keeps_an_old_checkpoint(
    database_url: str, tmp_path: Path
) -> None:
    tenant_id, kept = uuid4(), tmp_path / "kept.txt"
    fill(database_url, tenant_id, 1, 300)
    kept.write_text(await note_of(database_url, tenant_id, 300))
    assert said(tmp_path, await exported(database_url, tenant_id), "--against", str(kept)).code == 0
    with psycopg.connect(database_url) as owner:
        for table in ("events", "log_roots", "log_checkpoints"):
            owner.execute(ANEW.format(table=table, tenant_id=tenant_id).encode())
        owner.execute("DELETE FROM defter.checkpoints WHERE tenant_id = %s", [tenant_id])
    fill(database_url, tenant_id, 1, 310)
    await (await seal(database_url, tenant_id)).close()
    bundle = await exported(database_url, tenant_id)
    assert said(tmp_path, bundle).code == SOUND
    found = said(tmp_path, bundle, "--against", str(kept))
    assert found.code == ALTERED
    assert "the first 300 events are not those of the one you keep" in found.text


async def test_the_same_question_gives_the_same_bytes_also_when_the_log_has_grown(
    database_url: str,
) -> None:
    tenant_id, working = uuid4(), sealer(database_url)
    fill(database_url, tenant_id, 1, 500)
    await (await seal(database_url, tenant_id, working)).close()
    first = await exported(database_url, tenant_id, (20, 300))
    fill(database_url, tenant_id, 501, 800)
    await (await seal(database_url, tenant_id, working)).close()
    assert await exported(database_url, tenant_id, (20, 300), checkpoint=500) == first
    assert await exported(database_url, tenant_id, (20, 300)) != first


async def test_only_sizes_that_were_sealed_have_a_checkpoint(
    module_database_url: str, grown: UUID
) -> None:
    with pytest.raises(NoCheckpoint, match="the next one has 300"):
        await exported(module_database_url, grown, checkpoint=299)
    with pytest.raises(NotSealed, match=f"up to position {END}"):
        await exported(module_database_url, grown, checkpoint=END + 1)


async def test_a_bundle_verifies_where_it_was_unpacked_by_the_file_in_it(
    module_database_url: str, grown: UUID, tmp_path: Path
) -> None:
    file = tmp_path / "bundle.zip"
    file.write_bytes(await exported(module_database_url, grown, (5, 50)))
    zipfile.ZipFile(file).extractall(tmp_path / "out")
    verifier = str(tmp_path / "out" / "verify.py")
    assert ran(verifier).code == SOUND
    (tmp_path / "out" / "events.bin").unlink()
    found = ran(verifier)
    assert (found.code, "no file events.bin" in found.text) == (INCOMPLETE, True)


async def test_only_the_key_that_one_knows_is_believed(
    module_database_url: str, grown: UUID, tmp_path: Path
) -> None:
    bundle = await exported(module_database_url, grown, (5, 50))
    key = await key_of(module_database_url, grown)
    found = said(tmp_path, bundle, "--key", key)
    assert (found.code, "the key came with the bundle" in found.text) == (SOUND, False)
    other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    found = said(tmp_path, bundle, "--key", other)
    assert found.code == ALTERED
    assert f"no known key signed the checkpoint of {END} events" in found.text
    for wrong in (key[:-4], key.replace("+", "-"), key.swapcase()):
        assert said(tmp_path, bundle, "--key", wrong).code == ASKED_WRONGLY
