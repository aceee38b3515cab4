"""Names and sizes. Each check is first shown something that it must find."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.architecture import source
from tests.architecture.source import ROOT, layers_not_declared, sources

Check = Callable[[Iterable[Path]], list[str]]


def domain_imports(files: Iterable[Path]) -> list[str]:
    own = [file for file in files if "domain" in file.parts]
    return source.imports_beyond_the_standard_library(own, "domain")


CHECKS: dict[Check, dict[str, str]] = {
    source.banned_names: {"domain/wallet/utils.py": "", "application/helpers/holds.py": ""},
    source.files_too_long: {"domain/long.py": "\n" * (source.FILE_LINES_MAX + 1)},
    source.functions_too_long: {
        "domain/long.py": "def long():\n" + "    pass\n" * source.FUNCTION_LINES_MAX,
        "domain/slow.py": "async def slow():\n" + "    pass\n" * source.FUNCTION_LINES_MAX,
    },
    source.folders_too_full: {
        f"domain/full/n{n}.py": "" for n in range(source.FOLDER_FILES_MAX + 1)
    },
    domain_imports: {
        "domain/a.py": "import msgspec.json",
        "domain/b.py": "from application.book import Book",
        "domain/c.py": "from . import money",
    },
}


def plant(root: Path, files: dict[str, str]) -> list[Path]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return list(sources(root))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_check_finds_what_was_planted(check: Check, tmp_path: Path) -> None:
    files = plant(tmp_path, CHECKS[check])
    full = check is source.folders_too_full
    assert len(check(files)) == (1 if full else len(files))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_check_leaves_what_is_at_the_limit(check: Check, tmp_path: Path) -> None:
    at_the_limit = {f"domain/full/n{n}.py": "" for n in range(1, source.FOLDER_FILES_MAX)} | {
        "domain/full/n0.py": "def f():\n" + "    pass\n" * (source.FUNCTION_LINES_MAX - 1),
        "domain/full/__init__.py": "\n" * source.FILE_LINES_MAX,
        "domain/money.py": "import re\nfrom domain.kernel import ids\n",
    }
    assert check(plant(tmp_path, at_the_limit)) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_source_keeps_to_it(check: Check) -> None:
    files = list(sources(ROOT))
    assert files
    assert check(files) == []


def test_every_layer_is_declared(tmp_path: Path) -> None:
    plant(tmp_path, {"domain/__init__.py": "", "plugins/__init__.py": ""})
    assert layers_not_declared(tmp_path) == ["plugins"]
    assert layers_not_declared(ROOT) == []
