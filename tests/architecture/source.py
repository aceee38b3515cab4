"""What the layout of the source promises, as functions that answer with what breaks it."""

import ast
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAYERS = ("domain", "application", "projections", "infrastructure", "interfaces")
FOLDERS = (*LAYERS, "tests", "benchmarks")

BANNED_NAMES = {
    "utils",
    "helpers",
    "common",
    "manager",
    "service",
    "models",
    "types",
    "base",
}
FILE_LINES_MAX = 300
ONE_FILE = frozenset({"infrastructure/sealing/bundle/verify.py"})
"""What goes to people who have nothing else of Defter, so it can not be cut into several files."""

FUNCTION_LINES_MAX = 60
FOLDER_FILES_MAX = 14


def sources(root: Path, folders: Iterable[str] = FOLDERS) -> Iterator[Path]:
    """Find the Python files below some folders."""
    for folder in folders:
        yield from sorted((root / folder).rglob("*.py"))


def banned_names(files: Iterable[Path]) -> list[str]:
    """Find files and folders that are named for a kind of thing, not for a capability."""
    return [
        str(file)
        for file in files
        if {file.stem.removeprefix("test_"), file.parent.name} & BANNED_NAMES
    ]


def files_too_long(files: Iterable[Path]) -> list[str]:
    """Find files that do not fit in the head."""
    lengths = {file: len(file.read_text("utf-8").splitlines()) for file in files}
    return [
        f"{file}: {lines}"
        for file, lines in lengths.items()
        if lines > FILE_LINES_MAX and not file.as_posix().endswith(tuple(ONE_FILE))
    ]


def functions_too_long(files: Iterable[Path]) -> list[str]:
    """Find functions that do not fit on a screen."""
    return [
        f"{file}:{node.lineno} {node.name}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]


def folders_too_full(files: Iterable[Path]) -> list[str]:
    """Find folders with more files than one looks through."""
    counts = Counter(file.parent for file in files if file.name != "__init__.py")
    return [f"{folder}: {count}" for folder, count in counts.items() if count > FOLDER_FILES_MAX]


def layers_not_declared(root: Path) -> list[str]:
    """Find top-level packages that no import contract speaks of."""
    packages = {init.parent.name for init in root.glob("*/__init__.py")}
    return sorted(packages - set(FOLDERS))


def imports_beyond_the_standard_library(files: Iterable[Path], own: str) -> list[str]:
    """Find imports of what is neither Python's own nor the layer's."""
    allowed = sys.stdlib_module_names | {own}
    return [
        f"{file} {name}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        for name in _imported(node)
        if name.partition(".")[0] not in allowed
    ]


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "."]
    return []
