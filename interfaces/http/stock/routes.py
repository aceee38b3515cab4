"""The routes of stock."""

from interfaces.http.routing.route import DefterRoute
from interfaces.http.stock import levels, locations, movements, reservations, takes, watches

STOCK: tuple[DefterRoute, ...] = (
    levels.LIST,
    levels.ALERTS,
    levels.SET_POLICY,
    movements.LIST,
    movements.MOVE,
    movements.MOVE_MANY,
    movements.TRANSFER,
    reservations.LIST,
    reservations.RESERVE,
    reservations.ONE,
    reservations.EXTEND,
    reservations.ISSUE,
    reservations.RELEASE,
    locations.LIST,
    locations.OPEN,
    locations.RENAME,
    locations.CLOSE,
    locations.REOPEN,
    locations.RANK,
    takes.LIST,
    takes.START,
    takes.ONE,
    takes.COUNT,
    takes.CLOSE,
    takes.CANCEL,
    watches.WATCH,
    watches.END,
    watches.CONFIRM,
    watches.UNSUBSCRIBE,
)
