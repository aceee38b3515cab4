"""What is left in memory that only the collector of cyclic garbage would find."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def none_of(*kinds: type) -> Generator[None]:
    """Hold that whatever of these kinds is made meanwhile is freed without the collector."""
    gc.collect()
    gc.disable()
    before = _count(kinds)
    try:
        yield
        assert _count(kinds) <= before
    finally:
        gc.enable()


def _count(kinds: tuple[type, ...]) -> int:
    return sum(isinstance(one, kinds) for one in gc.get_objects())
