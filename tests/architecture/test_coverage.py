"""Every branch of the rules is taken by a test that says what it is for.

The tests of the rules run once more, measured; the one over random histories is left out, so that
no branch is covered by chance.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

RULES = (
    "tests/kernel",
    "tests/ledger",
    "tests/tenants",
    "tests/wallet",
    "tests/identity",
    "tests/users",
    "tests/catalog",
    "tests/stock",
    "tests/pricing",
    "tests/search/test_analysis.py",
    "tests/search/test_synonyms.py",
    "tests/channels",
    "tests/jobs",
    "tests/audit",
    "tests/architecture/test_registries.py",
    "--ignore=tests/audit/replay",
    "--ignore=tests/wallet/test_any_history.py",
    "--ignore=tests/catalog/products/test_any_catalogue.py",
    "--ignore=tests/stock/test_any_history.py",
    "--ignore=tests/pricing/test_any_history.py",
)


def measure(folder: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run tests measured and give the report, which fails under 100 % of the branches."""
    tested = coverage(folder, "run", "-m", "pytest", "-p", "no:cacheprovider", *tests)
    return tested if tested.returncode else coverage(folder, "report")


def coverage(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "coverage", *command],
        cwd=ROOT,
        env={**os.environ, "COVERAGE_FILE": str(folder / "coverage")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_branch_that_no_test_takes_is_found(tmp_path: Path) -> None:
    found = measure(tmp_path, "tests/kernel/test_ids.py", "tests/kernel/test_money.py")
    assert found.returncode == 2, found.stdout + found.stderr
    assert "less than fail-under=100" in found.stdout


@pytest.mark.timeout(600)
def test_every_branch_of_domain_and_application_is_taken(tmp_path: Path) -> None:
    covered = measure(tmp_path, *RULES)
    assert covered.returncode == 0, covered.stdout + covered.stderr
