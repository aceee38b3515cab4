"""Whoever has to prove an address, or forgot a password, gets a link by e-mail."""

from collections.abc import Iterable

from application.process import Perform, Process, Reaction
from domain.identity.events import AccountOpened, LinkRequested, LoginChanged
from domain.kernel.events import Recorded

MAILED_LINK = "identity.mailed_link"


def _mail(_recorded: Recorded) -> Iterable[Reaction]:
    yield Perform(MAILED_LINK)


MAILED_LINKS = Process(
    "mailed_links", {AccountOpened: _mail, LoginChanged: _mail, LinkRequested: _mail}
)
"""The effect names the event alone: the secret of a link is made by whoever mails it."""
