"""The linters' own gates bite: each is shown a violation in a copy of the layout."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import LAYERS, ROOT

BIN = Path(sys.executable).parent
NOT_SOURCE = shutil.ignore_patterns("__pycache__")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy what the contracts speak of, so that a violation can be planted."""
    for layer in LAYERS:
        shutil.copytree(ROOT / layer, tmp_path / layer, ignore=NOT_SOURCE)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "lint-imports", "--no-cache"], cwd=root, capture_output=True, text=True, check=False
    )


def test_the_source_keeps_its_import_contracts() -> None:
    kept = lint_imports(ROOT)
    assert kept.returncode == 0, kept.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("domain/wallet/planted.py", "import application.book"),
        ("domain/wallet/planted.py", "import domain.tenants.keys"),
        ("domain/ledger/planted.py", "import domain.wallet.wallet"),
        ("domain/kernel/planted.py", "import domain.ledger.accounts"),
        ("domain/orders/__init__.py", ""),
        ("application/planted.py", "import infrastructure.event_log.codec"),
        ("application/planted.py", "import projections"),
        ("projections/planted.py", "import application.book"),
        ("infrastructure/planted.py", "import interfaces"),
        ("infrastructure/event_log/planted.py", "import eventsourcing.persistence"),
        ("interfaces/planted.py", "import eventsourcing"),
    ],
)
def test_a_planted_import_breaks_a_contract(copy: Path, file: str, line: str) -> None:
    (copy / file).parent.mkdir(exist_ok=True)
    (copy / file).write_text(line + "\n")
    broken = lint_imports(copy)
    assert broken.returncode == 1
    assert "BROKEN" in broken.stdout, broken.stdout + broken.stderr


@pytest.mark.parametrize("layer", ["domain", "application", "projections"])
@pytest.mark.parametrize(
    "chance",
    [
        "from datetime import datetime\n\nnow = datetime.now\n",
        "import datetime\n\nnow = datetime.datetime.utcnow\n",
        "from datetime import date\n\ntoday = date.today\n",
        "import time\n\nnow = time.time\n",
        "from time import monotonic\n\nnow = monotonic\n",
        "import random\n\nroll = random.random\n",
        "from uuid import uuid4\n\nnew = uuid4\n",
        "import os\n\nnoise = os.urandom\n",
        "import secrets\n\ntoken = secrets.token_hex\n",
    ],
)
def test_no_rule_reads_a_clock_or_rolls_a_die(layer: str, chance: str) -> None:
    found = subprocess.run(
        [BIN / "ruff", "check", "--select=TID251", f"--stdin-filename={layer}/planted.py", "-"],
        cwd=ROOT,
        input=chance,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1, found.stdout + found.stderr
    assert "TID251" in found.stdout
