"""Every process, ordered by context."""

from application.process import Process
from application.processes.expiries import EXPIRIES

PROCESSES: tuple[Process, ...] = (EXPIRIES,)
