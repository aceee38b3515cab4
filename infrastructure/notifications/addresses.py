"""What an e-mail address is here: the dot-atom of RFC 5322, 3.4.1, at a domain name."""

import re
import unicodedata

ADDRESS_LENGTH_MAX = 254
"""What fits the path of RFC 5321, 4.5.3.1.3."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")


def address_of(text: str) -> str:
    """Read an address; a domain of other letters is written in ASCII (RFC 3490).

    Raises ValueError for what is none: quoted local parts are, in practice, mistyped.
    """
    local, _, domain = text.rpartition("@")
    address = f"{local}@{domain.encode('idna').decode()}"
    if len(address) > ADDRESS_LENGTH_MAX or not _ADDRESS.fullmatch(address):
        raise ValueError("an e-mail address is written as name@example.com")
    return address


def same_for_all_spellings(address: str) -> str:
    """Give what two spellings of one address share: nobody has two mailboxes by case alone."""
    return unicodedata.normalize("NFKC", address).casefold()


def one_line(text: str) -> str:
    """Give a text that can stand in a header: no line ends, nothing unprintable."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
