"""What settings of several parts have to be; each raises a ValueError that says what is wrong."""

import base64
import binascii
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network

from pydantic import SecretStr

from domain.tenants.settings import RequestLimits, SettingInvalid

MASTER_KEY_BYTES = 32


def networks_of(given: Iterable[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read networks."""
    try:
        return tuple(ip_network(part) for part in given)
    except ValueError as wrong:
        raise ValueError("networks are written as CIDR, joined by commas") from wrong


def check_limits(given: tuple[str, ...]) -> None:
    """Check rules of how often an operation may be asked."""
    try:
        RequestLimits(given).check()
    except SettingInvalid as wrong:
        raise ValueError(wrong.detail) from None


def master_keys_of(given: SecretStr) -> tuple[bytes, ...]:
    """Read master keys."""
    parts = given.get_secret_value().split(",")
    try:
        keys = tuple(base64.b64decode(one.strip(), validate=True) for one in parts if one.strip())
    except binascii.Error as wrong:
        raise ValueError("a master key is written in base64") from wrong
    if not keys or any(len(key) != MASTER_KEY_BYTES for key in keys):
        raise ValueError(f"a master key has {MASTER_KEY_BYTES} bytes")
    return keys
