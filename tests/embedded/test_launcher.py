import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infrastructure.launcher import SIDE_BY_SIDE
from infrastructure.locked_venv import (
    STAMP,
    Build,
    CannotInstall,
    fill,
    is_complete,
    ready_venv,
    venv_name,
)
from tests.embedded.processes import ROOT


def pretend(build: Build) -> None:
    build.python.parent.mkdir(parents=True)
    build.python.symlink_to(sys.executable)


def fail(build: Build) -> None:
    build.venv.mkdir()
    build.run(sys.executable, "-c", "raise SystemExit('no route to the index')")


@pytest.fixture
def build(tmp_path: Path) -> Build:
    lock = tmp_path / "requirements.lock"
    lock.write_text("")
    return Build(lock, tmp_path / "venv", tmp_path / "install.log")


def test_half_an_installation_never_counts(build: Build) -> None:
    pretend(build)
    assert not is_complete(build.venv)
    fill(build, [pretend])
    assert is_complete(build.venv)


def test_the_next_way_is_tried_where_one_fails(build: Build) -> None:
    fill(build, [fail, pretend])
    assert is_complete(build.venv)


def test_the_refusal_is_one_line_with_the_installers_last_words(build: Build) -> None:
    with pytest.raises(CannotInstall, match="no route to the index") as refusal:
        fill(build, [fail])
    assert "\n" not in str(refusal.value)
    assert not build.venv.exists()


def test_another_lock_means_another_virtualenv(build: Build) -> None:
    before = venv_name("runtime", build.lock)
    build.lock.write_text("a==1")
    assert venv_name("runtime", build.lock) != before


def test_a_warm_virtualenv_is_found_without_any_installer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("")
    venv = tmp_path / ".defter" / venv_name("runtime", lock)
    pretend(Build(lock, venv, tmp_path / "log"))
    (venv / STAMP).touch()
    monkeypatch.setenv("PATH", "")
    assert ready_venv(tmp_path, "runtime") == venv


def test_a_folder_nobody_may_write_to_is_left_for_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "requirements.lock").write_text("")
    (tmp_path / ".defter").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # An empty lock is filled offline.
    venv = ready_venv(tmp_path, "runtime")
    assert venv.parent == tmp_path / "cache" / "defter"
    assert is_complete(venv)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout whose locks are empty, and so filled offline."""
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "infrastructure", copy / "infrastructure")
    shutil.copy(ROOT / "defter", copy)
    for lock in ("requirements.lock", "requirements-dev.lock"):
        (copy / lock).write_text("")
    return copy


def launch(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, str(copy / "defter"), *words),
        cwd=copy.parent,
        env={**os.environ, "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )


def test_the_command_runs_where_the_user_is_with_the_project_on_the_path(copy: Path) -> None:
    cli = copy / "interfaces" / "cli"
    cli.mkdir(parents=True)
    (cli / "__main__.py").write_text("import os, sys; print(sys.argv[1:], os.getcwd())")
    (copy.parent / "interfaces.py").write_text("raise SystemExit('the wrong one')")
    for _ in ("cold", "warm"):
        done = launch(copy, "serve", "--port", "1")
        assert done.stdout == f"['serve', '--port', '1'] {copy.parent}\n"
    assert done.stderr == ""


def test_all_tests_run_side_by_side_and_those_that_are_named_by_themselves(copy: Path) -> None:
    (copy / "pytest.py").write_text("import sys; print(*sys.argv[1:])")
    assert launch(copy, "test").stdout.split() == list(SIDE_BY_SIDE)
    assert launch(copy, "test", "tests/wallet", "-k", "x").stdout == "tests/wallet -k x\n"


def test_what_python_compiled_is_kept_whatever_the_surroundings_say(copy: Path) -> None:
    (copy / "pytest.py").write_text("import sys; print(sys.dont_write_bytecode)")
    assert launch(copy, "test").stdout == "False\n"
