"""Every command and its handler, ordered by context."""

from collections.abc import Callable, Mapping
from typing import Any

from application.book import Book, Missing
from application.bulk import Atomically
from application.channels import endpoints
from application.ledger import accounts, journal
from application.tenants import clock, keys, tenants
from application.wallet import holds, topups, transfers, wallets
from domain.kernel.refusals import Refusal

Handler = Callable[[Any, Book], object]


def decide(command: object, book: Book) -> object:
    """Run the handler of a command; what it returns is the command's outcome."""
    return HANDLERS[type(command)](command, book)


def _atomically(command: Atomically, book: Book) -> list[object]:
    outcomes: list[object] = []
    lacking: Missing | None = None
    for index, one in enumerate(command.commands):
        try:
            outcomes.append(decide(one, book))
        except Missing as missing:
            # What this one lacks is noted. The others go on only to note what they lack, so that a
            # thousand commands are fetched for together and not one after the other.
            lacking = missing
        except Refusal as refusal:
            if lacking is None:
                refusal.facts.setdefault("index", index)
                raise
    if lacking is not None:
        raise lacking
    return outcomes


HANDLERS: Mapping[type, Handler] = {
    Atomically: _atomically,
    wallets.ChooseScheme: wallets.choose_scheme,
    wallets.OpenWallet: wallets.open_wallet,
    topups.TopUp: topups.top_up,
    topups.CreditFunds: topups.credit_funds,
    holds.PlaceHold: holds.place_hold,
    holds.CaptureHold: holds.capture_hold,
    holds.ReleaseHold: holds.release_hold,
    holds.ExpireHold: holds.expire_hold,
    holds.RefundCapture: holds.refund_capture,
    transfers.TransferFunds: transfers.transfer_funds,
    accounts.OpenBooks: accounts.open_books,
    accounts.OpenAccount: accounts.open_account,
    journal.PostEntry: journal.post_entry,
    journal.ReverseEntry: journal.reverse_entry,
    tenants.CreateTenant: tenants.create_tenant,
    tenants.MapDomain: tenants.map_domain,
    tenants.AddStaff: tenants.add_staff,
    keys.IssueKey: keys.issue_key,
    keys.RotateKey: keys.rotate_key,
    keys.RevokeKey: keys.revoke_key,
    clock.AdvanceClock: clock.advance_clock,
    endpoints.RegisterEndpoint: endpoints.register_endpoint,
    endpoints.ChangeEndpoint: endpoints.change_endpoint,
    endpoints.RotateSecret: endpoints.rotate_secret,
    endpoints.DeactivateEndpoint: endpoints.deactivate_endpoint,
    endpoints.ActivateEndpoint: endpoints.activate_endpoint,
    endpoints.RemoveEndpoint: endpoints.remove_endpoint,
    endpoints.PingEndpoint: endpoints.ping_endpoint,
    endpoints.ReplayEvents: endpoints.replay_events,
    endpoints.ReplayDelivery: endpoints.replay_delivery,
}
