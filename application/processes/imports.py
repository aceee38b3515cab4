"""A file that is to be read is read by a worker, after what is more urgent."""

from collections.abc import Iterable
from typing import Any

from application.process import Perform, Process, Reaction
from domain.catalog.imports.events import ImportAsked
from domain.kernel.events import Recorded

IMPORT = "catalog.import"


def _asked(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    yield Perform(IMPORT, event.import_id, bulk=True)


IMPORTS = Process("imports", {ImportAsked: _asked})
