"""Race for the last unit: 64 buyers on two API processes, and exactly one gets it.

`python -m tests.faults.last_unit --rounds 1000 --buyers 64` runs on embedded servers in a temporary
folder.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.faults.last_unit.race import run


def main(words: Sequence[str]) -> int:
    """Race; ends with 1 if in any round not exactly one got the unit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--buyers", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        wrong = run(Path(folder), rounds=asked.rounds, buyers=asked.buyers, seed=asked.seed)
    for line in wrong:
        sys.stdout.write(f"WRONG: {line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
