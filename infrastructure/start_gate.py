"""Lets a role load its modules while the database is still being prepared.

The role's standard input is a pipe that ends once the role may begin; one that is started later
finds it ended.
"""

import os
import sys

GATE_VARIABLE = "START_GATE"
STANDARD_INPUT = "stdin"


def wait_at_gate() -> None:
    """Wait until the supervisor lets the role begin; without a supervisor, go on at once."""
    if os.environ.get(GATE_VARIABLE) == STANDARD_INPUT:
        sys.stdin.buffer.read()
