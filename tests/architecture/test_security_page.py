"""docs/security.md names tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEST = re.compile(r"\btests/[\w/]+\.py\b")
MODULE = re.compile(r"python -m ((?:tests|benchmarks)[\w.]+)")


def missing(page: str) -> list[str]:
    """Give what a page names and nobody wrote."""
    named = [*TEST.findall(page)]
    named += [f"{module.replace('.', '/')}.py" for module in MODULE.findall(page)]
    assert named
    return [path for path in named if not (ROOT / path).is_file()]


def test_the_page_about_security_names_tests_that_exist() -> None:
    assert missing((ROOT / "docs/security.md").read_text()) == []


@pytest.mark.parametrize("planted", ["`tests/http/test_none.py`", "`python -m tests.faults.none`"])
def test_a_planted_name_is_found(planted: str) -> None:
    assert len(missing(f"held by {planted}")) == 1
