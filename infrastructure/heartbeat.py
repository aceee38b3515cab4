"""A role's sign of life to its supervisor: a byte a second from its event loop.

A loop that hangs writes none, however alive the process looks.
"""

import asyncio
import os
from contextlib import suppress

BEAT_SECONDS = 1.0
HEARTBEAT_VARIABLE = "ROLE_HEARTBEAT"
"""Names the descriptor to write to; without a supervisor there is none."""

RESTARTS_VARIABLE = "ROLE_RESTARTS"


def restarts() -> int:
    """Tell how often the supervisor has started this role again."""
    return int(os.environ.get(RESTARTS_VARIABLE, "0"))


async def beat() -> None:
    """Write signs of life until cancelled."""
    named = os.environ.get(HEARTBEAT_VARIABLE)
    if named is None:
        return
    descriptor = int(named)
    os.set_blocking(descriptor, False)
    while True:
        # A pipe that is full says enough, and without a reader there is nobody to tell.
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(descriptor, b".")
        await asyncio.sleep(BEAT_SECONDS)
