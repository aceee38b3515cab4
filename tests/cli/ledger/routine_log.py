"""A log of routine payments."""

from datetime import timedelta
from typing import Any

from domain.kernel.events import Personal
from domain.kernel.money import Money
from domain.ledger.books import open_books
from domain.wallet import holds, refunds, topups, transfers
from domain.wallet.wallet import open_wallet
from tests.projections.written_logs import DAY, START, Log


def payments() -> Log:
    """Two of every routine payment, for with the first one accounts and days are met."""
    log = Log()
    log.record(open_books(None, base_currency="TRY", time_zone="UTC"))
    one, other = "wal_aaaa", "wal_bbbb"
    paid: dict[str, Any] = {"effective_on": DAY, "note": Personal("cus_1", "thanks")}
    for name in (one, other):
        log.record(open_wallet(None, None, wallet_id=name, owner=f"cus_{name}", currency="TRY"))
    for n in range(2):
        for name in (one, other):
            in_wallet, amount, id_ = log.wallet(name), Money(9_000 + n, "TRY"), f"id_{name}{n}"
            log.record(topups.top_up(in_wallet, amount, top_up_id=id_, source="bank", **paid))
            in_wallet = log.wallet(name)
            log.record(topups.credit(in_wallet, amount, credit_id=id_, source="sales", **paid))
        for source, target in ((one, other), (other, one)):
            wallets, amount = (log.wallet(source), log.wallet(target)), Money(70 + n, "TRY")
            log.record(transfers.send(*wallets, amount, transfer_id=f"trf_{n}", effective_on=DAY))
        _hold(log, f"hld_{n}", one, other)
    return log


def _hold(log: Log, name: str, *wallets: str) -> None:
    """Hold and capture, refund and release in the first wallet, let it expire in the second."""
    in_time: dict[str, Any] = {"effective_on": DAY, "at": START}
    for wallet_id in wallets:
        reference, ends = Personal("cus_1", "order 7"), START + timedelta(days=1)
        hold_id, wallet = f"{name}_{wallet_id}", log.wallet(wallet_id)
        held: dict[str, Any] = {"hold_id": hold_id, "reference": reference, "expires_at": ends}
        log.record(holds.place(None, wallet, Money(500, "TRY"), **held, **in_time))
        known: dict[str, Any] = {"capture_id": f"cap_{hold_id}"}
        hold, wallet, some = log.hold(hold_id), log.wallet(wallet_id), Money(200, "TRY")
        to: dict[str, Any] = {"destination": "sales", "effective_on": DAY}
        log.record(holds.capture(hold, wallet, some, **known, **to))
        hold, wallet = log.hold(hold_id), log.wallet(wallet_id)
        log.record(
            refunds.refund(hold, wallet, some, refund_id=f"rf_{hold_id}", **known, **in_time)
        )
        hold, wallet = log.hold(hold_id), log.wallet(wallet_id)
        if wallet_id == wallets[0]:
            log.record(holds.release(hold, wallet, **in_time))
        else:
            log.record(holds.expire(hold, wallet, effective_on=DAY, at=ends))
