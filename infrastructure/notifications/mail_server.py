"""Where mail is handed over, as a URL of the settings says."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

PORTS = {"smtp": 25, "smtps": 465}
STARTTLS = {"": None, "0": False, "1": True}
WRITTEN_AS = "it is written as smtp://user:password@host:587?starttls=1"


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes mail. `starttls` None takes TLS where it is offered."""

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    tls: bool
    starttls: bool | None


def mail_server_of(url: str) -> MailServer:
    """Read `smtp://user:password@host:587?starttls=1` or `smtps://…`; raises ValueError.

    A password goes over TLS alone, unless `starttls=0` says otherwise.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
        asked = parse_qs(parts.query, strict_parsing=bool(parts.query))
        [starttls] = asked.pop("starttls", [""])
        upgrade = STARTTLS[starttls]
    except (KeyError, ValueError):
        # What was given may hold a password, so nothing of it is repeated.
        raise ValueError(WRITTEN_AS) from None
    tls = parts.scheme == "smtps"
    if not parts.hostname or parts.path.strip("/") or asked or (tls and starttls):
        raise ValueError(WRITTEN_AS)
    user = unquote(parts.username) if parts.username else None
    if upgrade is None and user and not tls:
        upgrade = True
    password = unquote(parts.password or "") if user else None
    return MailServer(parts.hostname, port, user, password, tls=tls, starttls=upgrade)
