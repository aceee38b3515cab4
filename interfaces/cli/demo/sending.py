"""Invoices as bulk commands, each under its own idempotency key, so that a second run is free."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from interfaces.cli.demo.invoices import Invoice
from interfaces.cli.remote.client import PASSING, Client
from interfaces.cli.terminal.exits import Exit, Stopped

CURRENCY = "GBP"
INVOICES_PER_REQUEST = 500
REQUESTS_AT_ONCE = 3
ROUNDS_MAX = 6
"""How often items that the service could not take at present are sent again."""

CREATED = 201
WALLET_EXISTS = "wallet.exists"

Told = Callable[[int], None]
T = TypeVar("T")


@dataclass(slots=True)
class Tally:
    """What became of the commands of a run."""

    accepted: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    position: int = 0

    def add(self, other: "Tally") -> None:
        """Add another tally to this one."""
        self.accepted.update(other.accepted)
        self.refused.update(other.refused)
        self.position = max(self.position, other.position)


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of bulk command."""

    name: str
    path: str
    item: Callable[[Invoice], dict[str, Any]]


def wallet_id(customer: str) -> str:
    """Name a customer's wallet."""
    return f"wal_retail{customer}"


def commands_of(invoices: Sequence[Invoice]) -> int:
    """Count the commands that invoices become, wallets included."""
    customers = len({invoice.customer for invoice in invoices})
    return customers + sum(1 if invoice.cancels else 3 for invoice in invoices)


def send(client: Client, invoices: Sequence[Invoice], *, told: Told) -> Tally:
    """Open the wallets, then send every invoice; `told` hears how many commands were answered."""
    tally = Tally()
    customers = dict.fromkeys(invoice.customer for invoice in invoices)
    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as threads:
        # All wallets are open before the first invoice is sent.
        opened = threads.map(partial(_open_wallets, client), _chunks(customers))
        collect(tally, opened, told)
        collect(tally, threads.map(partial(_send_invoices, client), _chunks(invoices)), told)
    return tally


def collect(tally: Tally, parts: Iterable[Tally], told: Told) -> None:
    """Add what came of each part, and tell how many commands were answered."""
    for part in parts:
        told(sum(part.accepted.values()) + sum(part.refused.values()))
        tally.add(part)


def _chunks(things: Iterable[T]) -> Iterator[list[T]]:
    left = iter(things)
    while chunk := list(islice(left, INVOICES_PER_REQUEST)):
        yield chunk


def _open_wallets(client: Client, customers: Sequence[str]) -> Tally:
    tally = Tally()
    items = [
        {
            "key": f"retail/{customer}/open",
            "wallet_id": wallet_id(customer),
            "owner": f"cus_retail{customer}",
            "currency": CURRENCY,
        }
        for customer in customers
    ]
    send_bulk(client, "open", "/api/wallet/batch", items, tally)
    if tally.refused[WALLET_EXISTS]:
        # Idempotency keys belong to the caller: with another key the money would come twice.
        raise Stopped(
            "another key has sent this file to this tenant before",
            code=Exit.REFUSED,
            then="run the demo with the key of the first run, or in a new tenant",
        )
    return tally


def _send_invoices(client: Client, invoices: Sequence[Invoice]) -> Tally:
    tally = Tally()
    for steps, kind in (
        (SALE, [invoice for invoice in invoices if not invoice.cancels]),
        (CANCELLATION, [invoice for invoice in invoices if invoice.cancels]),
    ):
        going = kind
        for step in steps:
            items = [
                {"key": f"retail/{invoice.number}/{step.name}", **step.item(invoice)}
                for invoice in going
            ]
            done = send_bulk(client, step.name, step.path, items, tally)
            going = [invoice for invoice, went in zip(going, done, strict=True) if went]
    return tally


def send_bulk(
    client: Client, name: str, path: str, items: Sequence[dict[str, Any]], tally: Tally
) -> list[bool]:
    """Send items until each is decided; answers which of them were accepted."""
    accepted = [False] * len(items)
    open_items = list(range(len(items)))
    for _ in range(ROUNDS_MAX):
        if not open_items:
            return accepted
        commands = [items[index] for index in open_items]
        key = f"{commands[0]['key']}+{len(commands)}"
        answer = client.post(
            path, {"mode": "independent", "commands": commands}, idempotency_key=key
        )
        tally.position = max(tally.position, answer.position or 0)
        again: list[int] = []
        for index, result in zip(open_items, answer.body["results"], strict=True):
            if result["status"] in PASSING:
                again.append(index)
            elif result["status"] == CREATED:
                accepted[index] = True
                tally.accepted[name] += 1
            else:
                tally.refused[result["problem"]["code"]] += 1
        open_items = again
    if open_items:
        raise Stopped(
            f"the service could not take {len(open_items)} commands",
            code=Exit.FAILED,
            then="run the demo again: what was taken is not taken twice",
        )
    return accepted


def _amount(invoice: Invoice) -> dict[str, Any]:
    return {"minor": invoice.pence, "currency": CURRENCY}


def _top_up(invoice: Invoice) -> dict[str, Any]:
    return {
        "wallet_id": wallet_id(invoice.customer),
        "amount": _amount(invoice),
        "effective_on": invoice.day.isoformat(),
    }


def _hold(invoice: Invoice) -> dict[str, Any]:
    return {**_top_up(invoice), "hold_id": f"hld_retail{invoice.number}"}


def _capture(invoice: Invoice) -> dict[str, Any]:
    return {
        "wallet_id": wallet_id(invoice.customer),
        "hold_id": f"hld_retail{invoice.number}",
        "destination": "sales",
        "effective_on": invoice.day.isoformat(),
    }


def _credit(invoice: Invoice) -> dict[str, Any]:
    return {**_top_up(invoice), "source": "sales.returns"}


SALE = (
    Step("top-up", "/api/wallet/top-ups/batch", _top_up),
    Step("hold", "/api/wallet/holds/batch", _hold),
    Step("capture", "/api/wallet/captures/batch", _capture),
)
CANCELLATION = (Step("credit", "/api/wallet/credits/batch", _credit),)
