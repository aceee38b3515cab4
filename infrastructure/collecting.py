"""How often Python's collector looks for cycles, in processes that make and drop all the time."""

import gc

COLLECT_AFTER_ALLOCATIONS = 10_000
"""How many new objects start a collection: commands and rows of files make thousands, and few
outlive their batch."""


def collect_seldom() -> None:
    """Leave alone for good what was made until now, and collect seldom."""
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_ALLOCATIONS, 20, 50)
