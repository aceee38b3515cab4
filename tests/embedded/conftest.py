from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from infrastructure.embedded.servers import embedded_servers
from tests.embedded.processes import Script


@pytest.fixture
def run() -> Generator[Callable[..., Script]]:
    started: list[Script] = []

    def start(code: str, *words: object) -> Script:
        started.append(Script(code, *map(str, words)))
        return started[-1]

    yield start
    for script in started:
        script.process.kill()
        script.process.communicate()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder whose database is made once, for every test that does not need a fresh one."""
    made = tmp_path_factory.mktemp("embedded")
    with embedded_servers(made):
        pass
    return made
