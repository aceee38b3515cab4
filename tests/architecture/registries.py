"""What the registries promise, as functions that answer with what breaks it."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import ModuleType

from domain.kernel.events import Event
from tests.architecture.source import sources

PREFIX_OF_MODULE = {
    "domain.kernel.money": {"money"},
    "application.book": {"log", "request"},
    "application.bulk": {"log"},
    "application.sending": {"service", "request"},
}
"""The public names of what belongs to no context; everything else starts with its context."""


def modules_below(package: str) -> list[ModuleType]:
    """Import every module of a layer."""
    root = importlib.import_module(package)
    found = pkgutil.walk_packages(root.__path__, f"{package}.")
    return [importlib.import_module(module.name) for module in found]


def classes_of(modules: Iterable[ModuleType]) -> list[type]:
    """Give the classes that modules define, each once."""
    return [
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == module.__name__
    ]


def context_of(kind: type) -> set[str]:
    """Tell with what a public name of this class starts."""
    return PREFIX_OF_MODULE.get(kind.__module__) or {kind.__module__.split(".")[1]}


def misnamed(kinds: Iterable[type], attribute: str) -> list[str]:
    """Find public names that do not start with their context."""
    return [
        f"{kind.__qualname__}: {name}"
        for kind in kinds
        if (name := getattr(kind, attribute)).partition(".")[0] not in context_of(kind)
        or not name.partition(".")[2]
    ]


def told_twice(kinds: Iterable[type], attribute: str) -> list[str]:
    """Find public names that two classes have."""
    counts = Counter(getattr(kind, attribute) for kind in kinds)
    return [name for name, count in counts.items() if count > 1]


def commands_of(kinds: Iterable[type]) -> list[type]:
    """Give the commands: what has a name of its own and is no event."""
    return [kind for kind in kinds if "NAME" in vars(kind) and not issubclass(kind, Event)]


def events_of(kinds: Iterable[type]) -> list[type[Event]]:
    """Give the events that can be stored."""
    return [kind for kind in kinds if issubclass(kind, Event) and "NAME" in vars(kind)]


def outside_events_files(kinds: Iterable[type[Event]]) -> list[str]:
    """Find events outside an `events.py` of their context, or its `<capability>_events.py`."""
    return [
        kind.__qualname__
        for kind in kinds
        if not re.fullmatch(r"domain\.[a-z.]+\.([a-z_]+_)?events", kind.__module__)
    ]


def unregistered(kinds: Iterable[type], registered: Collection[type]) -> list[str]:
    """Find what a registry lacks, and what it holds that is not there."""
    return sorted(kind.__qualname__ for kind in set(kinds) ^ set(registered))


def samples_out_of_step(folder: Path, types: Mapping[str, type[Event]]) -> list[str]:
    """Find stored shapes without a sample, and samples of no stored shape."""
    needed = {
        f"{name}.v{schema}.json"
        for name, kind in types.items()
        for schema in range(1, kind.SCHEMA + 1)
    }
    return sorted(needed ^ {file.name for file in folder.iterdir()})


def unused_permissions(names: Iterable[str], root: Path) -> list[str]:
    """Find permissions that no route asks for."""
    text = "".join(file.read_text("utf-8") for file in sources(root, ["interfaces"]))
    return [name for name in names if f"Permission.{name}" not in text]
