"""Every process, ordered by context."""

from application.process import Process
from application.processes.expiries import EXPIRIES
from application.processes.webhooks import WEBHOOKS

PROCESSES: tuple[Process, ...] = (EXPIRIES, WEBHOOKS)
