"""Where settings come from beside the environment, and what is said of those that are wrong."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource

PREFIX = "DEFTER_"

_SECRET_FILES = frozenset(
    {
        "defter_database_url_file",
        "database_url_file",
        "defter_redis_url_file",
        "redis_url_file",
        "defter_master_keys_file",
        "defter_standby_database_url_file",
        "defter_smtp_url_file",
        "defter_alert_webhook_url_file",
        "defter_sentry_dsn_file",
        "defter_search_engine_key_file",
    }
)
_OWN_NAMES = frozenset(
    {"DEFTER_CONFIG", "DEFTER_URL", "DEFTER_KEY", "DEFTER_PROFILE", "DEFTER_RETAIL_FILE"}
)
"""Names with the prefix that are no setting: of the file, of the finance commands, of the tests."""


class SettingsWrong(RuntimeError):
    """A setting is unknown or wrong; the message is one line for whoever starts the process."""


class SecretFiles(EnvSettingsSource):
    """Reads `<NAME>_FILE` of the secrets where `<NAME>` itself is not set."""

    def __init__(self, settings: type[BaseSettings]) -> None:
        super().__init__(settings)
        found: dict[str, str | None] = {}
        for name, path in self.env_vars.items():
            if name in _SECRET_FILES and path:
                try:
                    found[name.removesuffix("_file")] = Path(path).read_text("utf-8").strip()
                except OSError as unreadable:
                    raise SettingsWrong(
                        f"{name.upper()} names {path}, which can not be read"
                    ) from unreadable
        self.env_vars = found


def config_file() -> Path:
    """Give the file of settings, which need not be there unless it is named."""
    named = os.environ.get("DEFTER_CONFIG")
    if named is not None and not Path(named).is_file():
        raise SettingsWrong(f"DEFTER_CONFIG names {named}, which is no file")
    return Path(named or "defter.toml")


def refuse_unknown_names(environment: Mapping[str, str], fields: Collection[str]) -> None:
    """Refuse what looks like a setting and is none: it may be one mistyped."""
    known = {f"{PREFIX}{name.upper()}" for name in fields}
    known |= {name.upper() for name in _SECRET_FILES} | _OWN_NAMES
    unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise SettingsWrong(f"unknown setting {unknown[0]}; see `defter config`")


def first_line(wrong: ValidationError) -> str:
    """Tell the first thing that is wrong, without its value."""
    first = wrong.errors(include_url=False, include_input=False)[0]
    name = ".".join(str(part) for part in first["loc"]) or "settings"
    if first["type"] == "extra_forbidden":
        return f"unknown setting {name} in the settings file"
    return f"setting {name}: {first['msg'].lower()}"
