"""AUD-01: a service that runs sends its checkpoints to witnesses by itself."""

from pathlib import Path

import psycopg
import pytest

from infrastructure.sealing import notes
from tests.cli.conftest import Running
from tests.projections.stepping import until

pytestmark = pytest.mark.row("AUD-01")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("witness")


@pytest.fixture(scope="module")
def more_settings(folder: Path) -> dict[str, str]:
    return {"DEFTER_WITNESSES": folder.as_uri()}


async def test_a_folder_gets_the_checkpoints_of_every_tenant(
    running_all: Running, folder: Path
) -> None:
    with psycopg.connect(running_all.database_url) as owner:
        found = owner.execute("SELECT DISTINCT tenant_id::text FROM defter.events").fetchall()
    tenants = {row[0] for row in found}
    assert len(tenants) > 1  # the platform has a log, too

    await until(lambda: origins_in(folder) == {f"defter/{tenant}" for tenant in tenants})


def origins_in(folder: Path) -> set[str]:
    kept = [file.read_text("utf-8") for file in folder.glob("*/*.txt")]
    return {notes.read(note)[0].origin for note in kept}
