"""Planted faults in how logs are followed, with the tests that find each."""

from tests.mutants.mutant import Mutant

TRIPS = ("tests/projections/test_round_trips.py",)

FOLLOWING = (
    Mutant(
        "what was asked for before it was known where to begin is taken unseen",
        "infrastructure/projections/folding.py",
        "if begun is not None and (begun.after, CHUNK_EVENTS) == (last, size):",
        "if begun is not None:",
        TRIPS,
    ),
    Mutant(
        "checkpoints that another moved are not missed",
        "infrastructure/projections/writing.py",
        "        must_have_moved(moved, results[-1])",
        "        pass",
        TRIPS,
    ),
    Mutant(
        "what is written while a step reads is answered twice",
        "infrastructure/processes/passing.py",
        "[row for row in found if row[0] <= end]",
        "found",
        ("tests/processes/test_following.py",),
    ),
    Mutant(
        "a busy tenant's steps follow each other at once",
        "infrastructure/projections/engine.py",
        "max(STEP_SECONDS - took, REST_SECONDS_MIN)",
        "0",
        ("tests/projections/test_engine.py",),
    ),
)
