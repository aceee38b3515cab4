"""docs/security.md names tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEST = re.compile(r"\btests/[\w/]+\.py\b")
MODULE = re.compile(r"python -m ((?:tests|benchmarks)[\w.]+)")


def missing(page: str) -> list[str]:
    """Give what a page names and nobody wrote."""
    tests = {name: [name] for name in TEST.findall(page)}
    modules = {name: name.replace(".", "/") for name in MODULE.findall(page)}
    places = tests | {name: [f"{at}.py", f"{at}/__main__.py"] for name, at in modules.items()}
    assert places
    return [
        name for name, found in places.items() if not any((ROOT / at).is_file() for at in found)
    ]


def test_the_page_about_security_names_tests_that_exist() -> None:
    assert missing((ROOT / "docs/security.md").read_text()) == []


@pytest.mark.parametrize("planted", ["`tests/http/test_none.py`", "`python -m tests.faults.none`"])
def test_a_planted_name_is_found(planted: str) -> None:
    assert len(missing(f"held by {planted}")) == 1
