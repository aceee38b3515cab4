"""The settings of a process: defaults, then a TOML file, then the environment.

`DEFTER_CONFIG` names the file (`defter.toml` of the working directory if it is there). A secret may
stand in a file of its own, which `<NAME>_FILE` names. Whatever is unknown or wrong stops the start.
"""

import os
import re
from email.utils import parseaddr
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from infrastructure.notifications.addresses import address_of
from infrastructure.notifications.mail_server import MailServer, mail_server_of
from infrastructure.observability.log_file import ROLE
from infrastructure.settings_rules import check_limits, master_keys_of, networks_of
from infrastructure.settings_sources import (
    PREFIX,
    SecretFiles,
    SettingsWrong,
    config_file,
    first_line,
    refuse_unknown_names,
)
from infrastructure.witnesses.witness import WITNESSES_MAX, MailWitness, Witness, witness_of

ORIGIN = re.compile(r"https?://[a-z0-9.-]{1,253}(:[1-9][0-9]{0,4})?")
MASKED = "********"

_SECRETS_OF = {
    "otel_endpoint": "OTEL_EXPORTER_OTLP_HEADERS",
    "search_engine_url": "DEFTER_SEARCH_ENGINE_KEY",
}
_DSN = re.compile(r"https?://[^@/\s]+@[^/\s]+(/[^/\s]+)*/\d+")


class Settings(BaseSettings):
    """Everything that can be set, with its default."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    database_url: SecretStr = Field(
        validation_alias=AliasChoices("database_url", "DEFTER_DATABASE_URL", "DATABASE_URL")
    )
    redis_url: SecretStr = Field(
        validation_alias=AliasChoices("redis_url", "DEFTER_REDIS_URL", "REDIS_URL")
    )
    standby_database_url: SecretStr | None = None
    """A hot standby of the database, which answers what names a position that it has replayed."""
    master_keys: SecretStr
    """Base64 of 32 bytes each, joined by commas. The first seals, all of them open."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    public_url: str = "http://localhost:8000"
    """Where clients reach this installation: the issuer of tokens, and where the mailed links lead
    of tenants that have set no `shop_url`."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_file: str | None = None
    """Where log lines go beside standard output; `{role}` stands for who writes them."""
    log_file_bytes_max: Annotated[int, Field(ge=1_000)] = 50_000_000
    log_files_kept: Annotated[int, Field(ge=0, le=1_000)] = 10
    """How many full ones stay beside the one that is written."""
    operations_host: str = "127.0.0.1"
    operations_port: Annotated[int | None, Field(ge=0, le=65535)] = None
    """Where projector, scheduler and worker answer for metrics and health; else they do not."""
    alert_webhook_url: SecretStr | None = None
    """Where the scheduler posts each alert and its end, beside the line in the log."""
    otel_endpoint: str | None = None
    """A collector of OpenTelemetry, for traces and log lines over OTLP/HTTP; such as http://otel:4318."""
    sentry_dsn: SecretStr | None = None
    """Where faults are posted beside the database: Sentry, or whoever speaks its envelopes."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """CIDR ranges whose X-Forwarded-For is believed, joined by commas."""
    metrics_from_loopback: bool = True
    """Whether /metrics answers a direct loopback peer without a key."""
    catalog_kept_bytes: Annotated[int, Field(ge=0, le=2**34)] = 64 * 1024 * 1024
    """How much of the shop window an API process keeps in memory until it changes; 0 is nothing."""
    search_engine_url: str | None = None
    """A cluster of OpenSearch or Elasticsearch that searches are asked of before PostgreSQL."""
    search_engine_key: SecretStr | None = None
    """Who we are there, as user:password."""
    key_quota_per_second: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    key_quota_burst: Annotated[int, Field(ge=1, le=10_000_000)] = 20_000
    address_limit_requests: Annotated[int, Field(ge=1, le=1_000_000_000)] = 100
    address_limit_seconds: Annotated[int, Field(ge=1, le=86_400)] = 900
    """How many requests an address may send in that time without a key, or to log in."""
    route_limits: Annotated[tuple[str, ...], NoDecode] = ()
    """How often a key may ask an operation from one address: `* 600/60, identity_login 20/900`."""
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Web origins that every tenant allows, as scheme://host[:port], joined by commas."""
    read_deadline_seconds: Annotated[float, Field(gt=0, le=30)] = 2.0
    """How long a query waits for the position that it was asked to stand at."""

    asset_bytes_max: Annotated[int, Field(ge=1_000, le=500_000_000)] = 32 * 1024 * 1024
    """How large an image, video or 3D model of a product may be."""
    import_bytes_max: Annotated[int, Field(ge=1_000, le=500_000_000)] = 64 * 1024 * 1024
    """How large a file of products to import may be."""
    smtp_url: SecretStr | None = None
    """Where mail is handed over; without it no receipts are sent."""
    mail_from: str | None = None
    """The address that mail comes from; each tenant's mail names the tenant before it."""
    test_webhooks_inside: bool = True
    """Whether a test tenant's webhooks may go inside; turn it off where strangers have tenants."""
    witnesses: Annotated[tuple[str, ...], NoDecode] = ()
    """Who is sent checkpoints: file:///folder, https://witness#verifier-key, mailto:address."""
    witness_minutes: Annotated[int, Field(ge=1, le=10_080)] = 60
    """How long a witness waits for the next checkpoint; one of a sealed month is sent at once."""

    @field_validator("log_file")
    @classmethod
    def _of_a_role(cls, given: str | None) -> str | None:
        if given is not None and ROLE not in Path(given).name:
            raise ValueError(f"its name must hold {ROLE}, for each process has a file of its own")
        return given

    @field_validator("alert_webhook_url", "otel_endpoint", "search_engine_url")
    @classmethod
    def _over_http(cls, given: SecretStr | str | None) -> SecretStr | str | None:
        plain = given.get_secret_value() if isinstance(given, SecretStr) else given
        if plain is not None and not plain.startswith(("https://", "http://")):
            raise ValueError("it begins with https:// or http://")
        return given

    @field_validator("otel_endpoint", "search_engine_url")
    @classmethod
    def _without_secrets(cls, given: str | None, field: ValidationInfo) -> str | None:
        if given is not None and ("@" in given or "?" in given):
            raise ValueError(f"it is shown; put secrets into {_SECRETS_OF[field.field_name or '']}")
        return given

    @field_validator("sentry_dsn")
    @classmethod
    def _names_a_project(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None and not _DSN.fullmatch(given.get_secret_value()):
            raise ValueError("a DSN is written https://KEY@HOST/PROJECT")
        return given

    @field_validator("trusted_proxies", "cors_origins", "route_limits", "witnesses", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        if isinstance(given, str):
            return tuple(part.strip() for part in given.split(",") if part.strip())
        return given

    @field_validator("trusted_proxies")
    @classmethod
    def _ranges(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        networks_of(given)
        return given

    @field_validator("route_limits")
    @classmethod
    def _rules(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        check_limits(given)
        return given

    @field_validator("cors_origins")
    @classmethod
    def _whole_origins(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if not all(ORIGIN.fullmatch(one) for one in given):
            raise ValueError("an origin is written as scheme://host or scheme://host:port")
        return given

    @field_validator("witnesses")
    @classmethod
    def _each_once(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if len({witness_of(one).key for one in given}) < len(given) or len(given) > WITNESSES_MAX:
            raise ValueError(f"there are {WITNESSES_MAX} witnesses at most, each once")
        return given

    @field_validator("master_keys")
    @classmethod
    def _whole_keys(cls, given: SecretStr) -> SecretStr:
        master_keys_of(given)
        return given

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            mail_server_of(given.get_secret_value())
        return given

    @field_validator("mail_from")
    @classmethod
    def _mailbox(cls, given: str | None) -> str | None:
        if given is not None:
            address_of(parseaddr(given)[1])
        return given

    @model_validator(mode="after")
    def _mail_is_whole(self) -> "Settings":
        if (self.smtp_url is None) != (self.mail_from is None):
            raise ValueError("smtp_url and mail_from are set together")
        mailed = any(isinstance(one, MailWitness) for one in self.witnesses_read)
        if mailed and self.smtp_url is None:
            raise ValueError("a mailto: of witnesses wants smtp_url and mail_from")
        return self

    @model_validator(mode="after")
    def _search_engine_is_whole(self) -> "Settings":
        key = self.search_engine_key
        if key is not None and not all(key.get_secret_value().partition(":")):
            raise ValueError("search_engine_key is written user:password")
        if key is not None and self.search_engine_url is None:
            raise ValueError("search_engine_key wants search_engine_url")
        return self

    @cached_property
    def mail_server(self) -> MailServer | None:
        """The mail server, if there is one."""
        return mail_server_of(self.smtp_url.get_secret_value()) if self.smtp_url else None

    @cached_property
    def mail_sender(self) -> tuple[str, str] | None:
        """Name and address that mail comes from, if there is a mail server."""
        if self.mail_from is None:
            return None
        name, address = parseaddr(self.mail_from)
        return name, address_of(address)

    @cached_property
    def witnesses_read(self) -> tuple[Witness, ...]:
        """Who is sent checkpoints."""
        return tuple(map(witness_of, self.witnesses))

    @cached_property
    def master_key_bytes(self) -> tuple[bytes, ...]:
        """The master keys themselves."""
        return master_keys_of(self.master_keys)

    @cached_property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks of trusted proxies."""
        return networks_of(self.trusted_proxies)

    @cached_property
    def allowed_origins(self) -> frozenset[str]:
        """The web origins that all tenants allow."""
        return frozenset(self.cors_origins)

    def masked(self) -> dict[str, Any]:
        """Give the effective settings, secrets hidden."""
        return {
            name: MASKED if isinstance(value, SecretStr) else value
            for name, value in self.model_dump().items()
        }

    @classmethod
    def settings_customise_sources(  # noqa: D102 - pydantic-settings' hook
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - a file of environment is not read
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (
            init_settings,
            env_settings,
            SecretFiles(settings_cls),
            TomlConfigSettingsSource(settings_cls, toml_file=config_file()),
        )


def load_settings(**given: object) -> Settings:
    """Read the settings; raises `SettingsWrong` with one line that names what is wrong."""
    refuse_unknown_names(os.environ, Settings.model_fields)
    try:
        return Settings(**given)  # type: ignore[arg-type] - pydantic checks them
    except ValidationError as wrong:
        raise SettingsWrong(first_line(wrong)) from None
    except (SettingsError, ValueError) as wrong:
        raise SettingsWrong(f"settings: {type(wrong).__name__}: {wrong}".splitlines()[0]) from None
