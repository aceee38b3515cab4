"""How quick the machine is at this moment: what the bare app reaches on it."""

from benchmarks.contenders import Bare
from benchmarks.figures import Figure
from benchmarks.load import run_load
from benchmarks.report import BARE_PER_SECOND_MIN

CONNECTIONS = 64
SECONDS = 3.0


def pace(when: str) -> Figure:
    """Measure the bare app; under the least that it must reach, figures beside it do not count."""
    bare = Bare()
    bare.prepare()
    url = bare.start(1)
    try:
        reached = run_load(
            url=url,
            wallets=bare.wallets,
            mode="uniform",
            connections=CONNECTIONS,
            seconds=SECONDS,
            headers=bare.headers,
            currency=bare.currency,
            seed=1,
        ).per_second
    finally:
        bare.stop()
    void = "" if reached >= BARE_PER_SECOND_MIN else ": VOID, the machine is too slow or too busy"
    return Figure(f"bare, {when}", f"{reached:,.0f}/s{void}", f"{BARE_PER_SECOND_MIN:,}/s to count")
