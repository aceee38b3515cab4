"""A tenant's settings, in typed groups. A context that has settings adds its group to `GROUPS`."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from ipaddress import ip_network
from typing import ClassVar, NamedTuple, TypeVar
from urllib.parse import urlsplit

from domain.kernel.refusals import Invalid, NotFound
from domain.tenants.events import SettingsChanged, SettingValue

TEXT_LENGTH_MAX = 120
URL_LENGTH_MAX = 500
ORIGINS_MAX = 50
NETWORKS_MAX = 50
PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_MAX = 10, 64
SESSION_DAYS_MIN, SESSION_DAYS_MAX = 1, 90
PORT_MAX = 65_535
RULES_MAX = 50
RESERVATION_SECONDS_MIN, RESERVATION_SECONDS_MAX = 60, 30 * 86_400
RULE_REQUESTS_MAX, RULE_SECONDS_MAX = 1_000_000, 86_400
EVERY_OPERATION = "*"
"""Stands in a rule for each operation that has none of its own."""

LANGUAGES = ("tr", "en")
"""The languages that anything is written in."""

_HOST = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN = re.compile(rf"(?P<scheme>https?)://{_HOST}(\.{_HOST})*(:(?P<port>[1-9][0-9]{{0,4}}))?")
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
_RULE = re.compile(
    r"(?P<operation>[a-z][a-z0-9_]{0,79}|\*) (?P<requests>[1-9]\d{0,6})/(?P<seconds>[1-9]\d{0,4})"
)
_DEFAULT_PORTS = {"http": "80", "https": "443"}


class SettingInvalid(Invalid):
    """A setting has a value that it can not have; `field` says which."""

    code = "tenants.setting_invalid"


class GroupNotFound(NotFound):
    """There is no such group of settings."""

    code = "tenants.settings_not_found"


@dataclass(frozen=True, slots=True)
class Branding:
    """How the tenant presents itself; what is None is not shown."""

    GROUP: ClassVar[str] = "branding"

    display_name: str | None = None
    support_email: str | None = None
    logo_url: str | None = None
    shop_url: str | None = None
    """Where mailed links lead; without one, to the installation's own address."""

    def check(self) -> None:
        """Hold the values against the rules."""
        name, email, url = self.display_name, self.support_email, self.logo_url
        if name is not None and not _one_line(name, TEXT_LENGTH_MAX):
            raise _wrong("display_name", f"a name is one line of {TEXT_LENGTH_MAX} letters at most")
        if email is not None and not (email.isprintable() and _ADDRESS.fullmatch(email)):
            raise _wrong("support_email", "this is no e-mail address")
        if url is not None and not _https(url):
            raise _wrong("logo_url", "a logo's address begins with https://")
        if self.shop_url is not None and not (_https(self.shop_url) and _bare(self.shop_url)):
            raise _wrong("shop_url", "a shop's address begins with https:// and has no ? or #")


@dataclass(frozen=True, slots=True)
class Languages:
    """In which languages the tenant speaks, and in which where nobody chose."""

    GROUP: ClassVar[str] = "locale"

    languages: tuple[str, ...] = LANGUAGES
    default: str = LANGUAGES[0]

    def check(self) -> None:
        """Hold the values against the rules."""
        known = set(self.languages) <= set(LANGUAGES)
        if not self.languages or not known or _repeats(self.languages):
            raise _wrong("languages", f"name some of {', '.join(LANGUAGES)}, each once")
        if self.default not in self.languages:
            raise _wrong("default", "the default is one of the languages")


@dataclass(frozen=True, slots=True)
class Cors:
    """From which web pages a browser may call the API: exact origins, no wildcard."""

    GROUP: ClassVar[str] = "cors"

    origins: tuple[str, ...] = ()

    def check(self) -> None:
        """Hold the values against the rules."""
        if len(self.origins) > ORIGINS_MAX or _repeats(self.origins):
            raise _wrong("origins", f"there are {ORIGINS_MAX} origins at most, each once")
        if not all(map(_origin, self.origins)):
            raise _wrong("origins", "an origin is https://host or https://host:port, as browsers")


@dataclass(frozen=True, slots=True)
class Security:
    """What holds from the next login on. Staff log in from `staff_networks`, or from anywhere."""

    GROUP: ClassVar[str] = "security"

    password_length_min: int = PASSWORD_LENGTH_MIN
    session_days: int = 30
    staff_networks: tuple[str, ...] = ()

    def check(self) -> None:
        """Hold the values against the rules."""
        if not PASSWORD_LENGTH_MIN <= self.password_length_min <= PASSWORD_LENGTH_MAX:
            between = f"{PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX}"
            raise _wrong("password_length_min", f"this is {between} characters")
        if not SESSION_DAYS_MIN <= self.session_days <= SESSION_DAYS_MAX:
            between = f"{SESSION_DAYS_MIN} to {SESSION_DAYS_MAX}"
            raise _wrong("session_days", f"this is {between} days")
        if len(self.staff_networks) > NETWORKS_MAX or not all(map(_network, self.staff_networks)):
            raise _wrong("staff_networks", f"write {NETWORKS_MAX} CIDR ranges at most")


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """How often an operation may be asked with one key from one address, such as `* 600/60`."""

    GROUP: ClassVar[str] = "limits"

    rules: tuple[str, ...] = ()

    def check(self) -> None:
        """Hold the values against the rules."""
        rules = [rule_of(text) for text in self.rules]
        if len(rules) > RULES_MAX or not all(rules):
            raise _wrong(
                "rules",
                f"{RULES_MAX} rules at most, each an operation or *, and at most"
                f" {RULE_REQUESTS_MAX} requests in at most {RULE_SECONDS_MAX} seconds,"
                " such as identity_login 20/900",
            )
        if _repeats(tuple(rule.operation for rule in rules if rule)):
            raise _wrong("rules", "an operation has one rule at most")


@dataclass(frozen=True, slots=True)
class StockSettings:
    """How long stock is kept for somebody who has not said how long."""

    GROUP: ClassVar[str] = "stock"

    reservation_seconds: int = 15 * 60

    def check(self) -> None:
        """Hold the values against the rules."""
        if not RESERVATION_SECONDS_MIN <= self.reservation_seconds <= RESERVATION_SECONDS_MAX:
            between = f"{RESERVATION_SECONDS_MIN} to {RESERVATION_SECONDS_MAX}"
            raise _wrong("reservation_seconds", f"this is {between} seconds")


class Rule(NamedTuple):
    """So many requests in so many seconds."""

    operation: str
    requests: int
    seconds: int


def rule_of(text: str) -> Rule | None:
    """Read a rule as it is written; None if it is none."""
    found = _RULE.fullmatch(text)
    if found is None:
        return None
    rule = Rule(found["operation"], int(found["requests"]), int(found["seconds"]))
    fits = rule.requests <= RULE_REQUESTS_MAX and rule.seconds <= RULE_SECONDS_MAX
    return rule if fits else None


Group = Branding | Languages | Cors | Security | RequestLimits | StockSettings
G = TypeVar("G", bound=Group)

GROUPS: Mapping[str, type[Group]] = {
    kind.GROUP: kind for kind in (Branding, Languages, Cors, Security, RequestLimits, StockSettings)
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What one group has been set to. `version` is its stream's, for who changes what they read."""

    CATEGORY: ClassVar[str] = "settings"
    FOLD_VERSION: ClassVar[int] = 1

    version: int
    values: Mapping[str, SettingValue]

    @classmethod
    def evolve(cls, state: "Settings | None", event: SettingsChanged) -> "Settings":
        return cls(1 if state is None else state.version + 1, event.values)


def typed(kind: type[G], settings: Settings | None) -> G:
    """Give a group's values; what was never set, or came later, has its default."""
    if settings is None:
        return kind()
    known = {field.name for field in fields(kind)}
    given = {name: value for name, value in settings.values.items() if name in known}
    return kind(**given)  # type: ignore[arg-type] - as `change` recorded them


def change(settings: Settings | None, new: Group, *, tenant: str) -> tuple[SettingsChanged, ...]:
    """Set all values of a group; the same ones change nothing."""
    new.check()
    if typed(type(new), settings) == new:
        return ()
    return (SettingsChanged(tenant, new.GROUP, asdict(new)),)


def _wrong(field: str, detail: str) -> SettingInvalid:
    return SettingInvalid(detail, field=field)


def _one_line(text: str, length_max: int) -> bool:
    return bool(text.strip()) and text.isprintable() and len(text) <= length_max


def _https(url: str) -> bool:
    if not _one_line(url, URL_LENGTH_MAX) or any(letter.isspace() for letter in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False


def _bare(url: str) -> bool:
    """Tell whether a path and a secret after # can stand behind it."""
    return not set("?#\\") & set(url)


def _origin(text: str) -> bool:
    found = _ORIGIN.fullmatch(text)
    if found is None:
        return False
    # A browser never names the port that its scheme implies, so such an origin would never match.
    port = found["port"]
    return port is None or (int(port) <= PORT_MAX and port != _DEFAULT_PORTS[found["scheme"]])


def _network(text: str) -> bool:
    try:
        return str(ip_network(text)) == text
    except ValueError:
        return False


def _repeats(texts: tuple[str, ...]) -> bool:
    return len(set(texts)) < len(texts)
