"""Every route, ordered by context."""

from interfaces.http.routing.route import DefterRoute
from interfaces.http.wallet import transfers

ROUTES: tuple[DefterRoute, ...] = (transfers.TRANSFER,)
