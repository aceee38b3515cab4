"""Ask every operation for what belongs to another tenant.

`python -m tests.faults.tenants --rounds 20 --seed 1` runs on embedded servers in a temporary
folder; with `--database-url` and `--redis-url` it runs on those.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from infrastructure.embedded.servers import embedded_servers
from tests.faults.neighbours import neighbours
from tests.faults.tenants.campaign import campaign


def main(words: Sequence[str]) -> int:
    """Read the command line and run the campaign; ends with 1 if something leaked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database-url")
    parser.add_argument("--redis-url", default=os.environ.get("REDIS_URL"))
    asked = parser.parse_args(words)
    with ExitStack() as stops:
        if asked.database_url:
            urls = asked.database_url, asked.redis_url
        else:
            folder = stops.enter_context(tempfile.TemporaryDirectory())
            servers = stops.enter_context(embedded_servers(Path(folder)))
            urls = servers.database_url, servers.redis_url
        ours, theirs = stops.enter_context(neighbours(*urls))
        made = campaign(ours, theirs, rounds=asked.rounds, seed=asked.seed)
    return 1 if made.leaks else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
