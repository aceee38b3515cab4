"""Money from one customer's wallet to another's."""

from datetime import date

from domain.kernel.events import Personal
from domain.kernel.money import Money
from domain.kernel.refusals import Invalid
from domain.ledger.accounts import owned
from domain.ledger.journal import REVERSAL_RULE
from domain.ledger.postings import Entry, move, reversed_postings
from domain.wallet.events import (
    TransferReceived,
    TransferReturned,
    TransferSent,
    TransferTakenBack,
)
from domain.wallet.wallet import CASH, Wallet, check_available, check_room

TRANSFER_RULE = "wallet.transfer"


class SelfTransfer(Invalid):
    """A wallet can not send to itself."""

    code = "wallet.self_transfer"


def send(
    source: Wallet, target: Wallet, amount: Money, *, transfer_id: str, effective_on: date
) -> tuple[TransferSent, TransferReceived]:
    """Move money between two wallets of one currency."""
    if source.wallet_id == target.wallet_id:
        raise SelfTransfer("a wallet can not send to itself")
    check_available(source, amount)
    check_room(target, amount)
    postings = move(
        amount, debit=owned(CASH, source.wallet_id), credit=owned(CASH, target.wallet_id)
    )
    entry = Entry(TRANSFER_RULE, 1, effective_on, postings)
    return (
        TransferSent(source.wallet_id, target.wallet_id, transfer_id, amount, entry),
        TransferReceived(
            target.wallet_id, source.wallet_id, transfer_id, amount, source.next_entry
        ),
    )


def take_back(  # noqa: PLR0913 - the fields of a reversal
    sender: Wallet,
    receiver: Wallet,
    sent: TransferSent,
    *,
    entry_id: str,
    effective_on: date,
    reason: Personal | None,
    adjusts: str | None = None,
) -> tuple[TransferReturned, TransferTakenBack]:
    """Reverse a transfer, as long as the receiver still has the money."""
    check_available(receiver, sent.amount)
    check_room(sender, sent.amount)
    entry = Entry(REVERSAL_RULE, 1, effective_on, reversed_postings(sent.entry), adjusts)
    returned = TransferReturned(
        receiver.wallet_id,
        sender.wallet_id,
        sent.transfer_id,
        entry_id,
        sent.amount,
        entry,
        reason,
    )
    return returned, TransferTakenBack(
        sender.wallet_id, receiver.wallet_id, sent.transfer_id, sent.amount, receiver.next_entry
    )
