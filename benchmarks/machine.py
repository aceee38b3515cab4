"""What the figures were measured on, and how much of it others took meanwhile."""

import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import LiteralString

import psycopg

SETTINGS: tuple[LiteralString, ...] = ("server_version", "fsync", "synchronous_commit")
STEAL_FIELD = 7


@dataclass(frozen=True)
class Machine:
    cpu: str
    cores: int
    memory_gib: float
    kernel: str
    python: str
    postgres: str
    date: str


def describe_machine(database_url: str) -> Machine:
    with psycopg.connect(database_url) as connection:
        settings = [
            f"{name} {row[0]}"
            for name in SETTINGS
            if (row := connection.execute(f"SHOW {name}").fetchone())
        ]
    return Machine(
        cpu=_proc_value("cpuinfo", "model name") or platform.processor(),
        cores=os.cpu_count() or 0,
        memory_gib=round(int((_proc_value("meminfo", "MemTotal") or "0").split()[0]) / 2**20, 1),
        kernel=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        postgres=", ".join(settings),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _proc_value(file: str, name: str) -> str | None:
    with suppress(OSError):
        for line in Path("/proc", file).read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == name:
                return value.strip()
    return None


class StolenTime:
    """The share of the machine's time that the hypervisor gave to others since the start."""

    def __init__(self) -> None:
        self._start = _cpu_times()

    def percent(self) -> float:
        passed = [now - then for now, then in zip(_cpu_times(), self._start, strict=True)]
        return 100 * passed[STEAL_FIELD] / sum(passed) if sum(passed) else 0.0


def _cpu_times() -> list[int]:
    with suppress(OSError):
        return [
            int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
        ]
    return [0] * (STEAL_FIELD + 1)
