"""Every schedule, ordered by context."""

from infrastructure.schedules.pruning import (
    prune_credentials,
    prune_effects,
    prune_imports,
    prune_old_refusals,
    prune_refusals,
)
from infrastructure.schedules.schedule import Schedule

SCHEDULES = (
    Schedule("log.prune_refusals", "17 * * * *", prune_refusals),
    Schedule("identity.prune_credentials", "25 4 * * *", prune_credentials),
    Schedule("jobs.prune_effects", "40 3 * * *", prune_effects),
    Schedule("catalog.prune_imports", "10 4 * * *", prune_imports),
    Schedule("audit.prune_refusals", "55 3 * * *", prune_old_refusals),
)
