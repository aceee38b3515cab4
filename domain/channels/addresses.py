"""Where events may be sent: to addresses of the public Internet, and written without tricks."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from domain.kernel.refusals import Invalid

URL_LENGTH_MAX = 2_000

IpAddress = IPv4Address | IPv6Address

_PRINTABLE = re.compile(r"[!-~]+")
_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^][@:]+)(:[0-9]{1,5})?")
_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_GLOBAL_UNICAST = ip_network("2000::/3")
_NOT_PUBLIC = (
    ip_network("192.0.0.0/24"),  # protocol assignments; some clouds keep their metadata there
    ip_network("192.88.99.0/24"),  # 6to4 relays, withdrawn (RFC 7526)
    ip_network("168.63.129.16/32"),  # Azure's platform, reachable from every machine there
    ip_network("2002::/16"),  # 6to4: leads to any IPv4 address
    ip_network("3fff::/20"),  # documentation (RFC 9637), which older Pythons do not know
)


class UrlInvalid(Invalid):
    """Events are sent to an https URL without user, password and fragment."""

    code = "channels.url_invalid"


class AddressNotPublic(Invalid):
    """Only a test tenant's events go to an address inside somebody's network."""

    code = "channels.address_not_public"


def is_public(address: IpAddress) -> bool:
    """Tell whether an address leads to the public Internet and nowhere else.

    IPv4 addresses in IPv6 clothes are judged as what they are, or not let through at all: NAT64
    (RFC 6052) and everything else outside global unicast (RFC 4291), 6to4, Teredo.
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.scope_id is not None or address not in _GLOBAL_UNICAST:
            return False
    return (
        address.is_global
        and not address.is_multicast
        and not any(address in network for network in _NOT_PUBLIC)
    )


def check_url(url: str, *, test: bool) -> None:
    """Refuse what no event is sent to, as far as the URL itself tells.

    Any port will do: where it leads is checked again, by address, whenever something is sent.
    """
    if len(url) > URL_LENGTH_MAX or not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise UrlInvalid(f"a URL has {URL_LENGTH_MAX} printable ASCII characters at most")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UrlInvalid("this is no URL") from None
    if parts.scheme not in ({"https", "http"} if test else {"https"}):
        raise UrlInvalid("events are sent by https; a test tenant's may be sent by http")
    if not _PLACE.fullmatch(parts.netloc) or "#" in url or port == 0:
        raise UrlInvalid("the URL names a host and a port alone, and no fragment")
    _check_host(host, test=test)


def _check_host(host: str, *, test: bool) -> None:
    try:
        address = ip_address(host)
    except ValueError:
        _check_name(host, test=test)
        return
    if not test and not is_public(address):
        raise AddressNotPublic("this address is not on the public Internet")


def _check_name(host: str, *, test: bool) -> None:
    if not _HOST_NAME.fullmatch(host):
        raise UrlInvalid("the URL names no host, or one that is none")
    last = host.rstrip(".").rpartition(".")[2]
    if _NUMBER.fullmatch(last):  # resolvers take 2130706433, 0x7f.1 and 0177.0.0.1 as addresses
        raise UrlInvalid("an IPv4 address is written as four decimal numbers")
    if last == "localhost" and not test:
        raise AddressNotPublic("this address is not on the public Internet")
