"""The outcome of a comparison, and its medians as a table, as Markdown and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from statistics import median

from rich.table import Table

from benchmarks.load import LoadResult, Mode
from benchmarks.machine import Machine

BARE_PER_SECOND_MIN = 20_000
STOLEN_PERCENT_MAX = 5.0
MIB = 2**20
COLUMNS = (
    "contender", "mode", "processes", "runs", "per second", "least", "most",
    "p50 ms", "p99 ms", "MiB", "refused", "failed", "stolen %",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    contender: str
    processes: int
    mode: Mode
    result: LoadResult
    resident_bytes: int
    stolen_percent: float

    def line(self) -> str:
        return (
            f"{self.contender} x{self.processes} {self.mode} {self.result.per_second:,.0f}/s "
            f"p99 {self.result.p99_ms:.1f} ms, stolen {self.stolen_percent:.1f} %"
        )


@dataclass(frozen=True)
class Comparison:
    machine: Machine
    connections: int
    probes: tuple[Run, ...]
    runs: tuple[Run, ...]

    def groups(self) -> Iterator[list[Run]]:
        """The runs of each contender and mode, in the order in which they first ran."""
        for key in dict.fromkeys((run.contender, run.mode) for run in self.runs):
            yield [run for run in self.runs if (run.contender, run.mode) == key]

    def void_reasons(self) -> list[str]:
        """Why these figures must not be quoted; empty when they may."""
        bare = [run.result.per_second for run in self.runs if run.contender == "bare"]
        reasons: list[str] = []
        if not bare:
            reasons.append("the bare app was not measured")
        elif median(bare) < BARE_PER_SECOND_MIN:
            reasons.append(
                f"bare reached {median(bare):,.0f}/s, under {BARE_PER_SECOND_MIN:,}/s: "
                "the machine was too slow or too busy"
            )
        return reasons

    def ratios(self, name: str) -> list[str]:
        """How one contender's medians stand to every other's, and its hot mode to its uniform."""
        medians = {
            (runs[0].contender, runs[0].mode): median(run.result.per_second for run in runs)
            for runs in self.groups()
        }
        own = {mode: rate for (contender, mode), rate in medians.items() if contender == name}
        lines = [
            f"{name} {mode} is {own[mode] / rate:.2f} x {contender}"
            for (contender, mode), rate in medians.items()
            if contender != name and mode in own
        ]
        if {"uniform", "hot"} <= own.keys():
            lines.append(f"{name} hot is {own['hot'] / own['uniform']:.2f} x its uniform")
        return lines

    def remarks(self) -> list[str]:
        """What a reader must know before trusting single figures."""
        remarks = [
            f"{run.contender} {run.mode}: {run.result.failed} requests failed"
            for run in self.runs
            if run.result.failed
        ]
        stolen = max((run.stolen_percent for run in self.runs), default=0.0)
        if stolen > STOLEN_PERCENT_MAX:
            remarks.append(f"up to {stolen:.0f} % of the machine's time was stolen during a run")
        return remarks


def _cells(runs: list[Run]) -> tuple[str, ...]:
    results = [run.result for run in runs]
    rates = [result.per_second for result in results]
    return (
        runs[0].contender,
        runs[0].mode,
        str(runs[0].processes),
        str(len(runs)),
        f"{median(rates):,.0f}",
        f"{min(rates):,.0f}",
        f"{max(rates):,.0f}",
        f"{median(result.p50_ms for result in results):.1f}",
        f"{median(result.p99_ms for result in results):.1f}",
        f"{median(run.resident_bytes for run in runs) / MIB:.0f}",
        str(sum(result.refused for result in results)),
        str(sum(result.failed for result in results)),
        f"{max(run.stolen_percent for run in runs):.1f}",
    )


def _title(comparison: Comparison) -> str:
    generators = " and ".join(sorted({run.result.generator for run in comparison.runs}))
    return f"Transfers, {comparison.connections} connections, generator: {generators}"


def as_table(comparison: Comparison) -> Table:
    table = Table(title=_title(comparison))
    for number, column in enumerate(COLUMNS):
        table.add_column(column, justify="right" if number > 1 else "left")
    for runs in comparison.groups():
        table.add_row(*_cells(runs))
    return table


def as_markdown(comparison: Comparison) -> str:
    lines = [f"{_title(comparison)}.", ""]
    lines += [f"**Void:** {reason}." for reason in comparison.void_reasons()]
    lines += [f"Remark: {remark}." for remark in comparison.remarks()]
    lines += ["", f"| {' | '.join(COLUMNS)} |", "|---|---|" + "--:|" * (len(COLUMNS) - 2)]
    lines += [f"| {' | '.join(_cells(runs))} |" for runs in comparison.groups()]
    lines += ["", *(f"- {name}: {value}" for name, value in asdict(comparison.machine).items())]
    lines += [f"- probe: {run.line()}" for run in comparison.probes]
    return "\n".join(lines) + "\n"


def as_json(comparison: Comparison) -> str:
    return (
        json.dumps(
            {
                **asdict(comparison),
                "void": comparison.void_reasons(),
                "remarks": comparison.remarks(),
            },
            indent=2,
        )
        + "\n"
    )
