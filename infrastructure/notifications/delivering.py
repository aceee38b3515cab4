"""Hand one mail over to the mail server, and read what it says (RFC 5321, RFC 3463)."""

import asyncio
import re
from email.message import EmailMessage

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from infrastructure.effects.effect import Hopeless, TryLater
from infrastructure.notifications.mail_server import MailServer

ANSWER_SECONDS_MAX = 15.0
CONNECTIONS_MAX = 20
"""Mail servers refuse a client that opens many at once."""

PERMANENT = 500
NO_SUCH_MAILBOX = frozenset({550, 551, 553})
GONE = ("5.1.", "5.2.1")
"""Statuses of an address that is wrong, and of a mailbox that is closed; others may pass, or are
about us."""

_ROOM = asyncio.Semaphore(CONNECTIONS_MAX)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class Bounced(Exception):
    """The address takes no mail, whoever sends it."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


async def deliver(server: MailServer, message: EmailMessage) -> str:
    """Hand a mail to one recipient over; gives the server's reply.

    Raises `Bounced`, `Hopeless` for mail that is refused for good, else `TryLater`: what the server
    has against us (the password, the sender) is for an operator to repair. Servers repeat addresses
    in what they say, so only numbers of it are kept.
    """
    client = SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.tls,
        start_tls=server.starttls,
        timeout=ANSWER_SECONDS_MAX,
    )
    try:
        async with _ROOM, client:
            await client.send_message(message)
    except SMTPRecipientsRefused as refused:
        [recipient] = refused.recipients
        raise _refusal(recipient, at_recipient=True) from None
    except SMTPDataError as refused:
        raise _refusal(refused, at_recipient=False) from None
    except SMTPResponseException as refused:
        raise TryLater(_reply(refused)) from None
    except (SMTPException, OSError) as fault:
        raise TryLater(type(fault).__name__) from None
    return "250"


def _refusal(refused: SMTPResponseException, *, at_recipient: bool) -> Exception:
    reply = _reply(refused)
    if refused.code < PERMANENT:
        return TryLater(reply)
    _, _, status = reply.partition(" ")
    gone = status.startswith(GONE) if status else at_recipient and refused.code in NO_SUCH_MAILBOX
    return Bounced(reply) if gone else Hopeless(reply)


def _reply(refused: SMTPResponseException) -> str:
    status = _STATUS.search(refused.message)
    return f"{refused.code} {status[0]}" if status else str(refused.code)
