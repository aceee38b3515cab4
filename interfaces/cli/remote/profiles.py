"""Which service the finance commands talk to, and with which key."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from interfaces.cli.terminal.exits import Exit, Stopped

LOCAL_PROFILE = "local"
PLATFORM_PROFILE = "platform"
"""Of the platform's admin; `--profile platform` asks by it."""
"""What a local `serve` writes, so that the finance commands work at once."""

PRIVATE_FOLDER_MODE = 0o700
PRIVATE_FILE_MODE = 0o600
URL_VARIABLE = "DEFTER_URL"
KEY_VARIABLE = "DEFTER_KEY"


@dataclass(frozen=True, slots=True)
class Profile:
    """An address and the secret key that opens it."""

    url: str
    key: str


def profiles_file() -> Path:
    """Say where profiles are kept; the file is its owner's alone, since it holds keys."""
    return user_config_path("defter", appauthor=False) / "profiles.json"


def save_profile(name: str, url: str, key: str, *, choose: bool = False) -> None:
    """Keep a profile; the first one, and one that is chosen, is what commands use from now on."""
    kept = _read()
    kept["profiles"][name] = {"url": url.rstrip("/"), "key": key}
    if choose or kept["current"] not in kept["profiles"]:
        kept["current"] = name
    _write(kept)


def load_profile(name: str | None = None) -> Profile:
    """Give the named profile or the current one; DEFTER_URL and DEFTER_KEY stand above both."""
    url, key = os.environ.get(URL_VARIABLE), os.environ.get(KEY_VARIABLE)
    if url and key:
        return Profile(url.rstrip("/"), key)
    kept = _read()
    wanted = name or kept["current"]
    found = kept["profiles"].get(wanted)
    if found is None:
        known = ", ".join(sorted(kept["profiles"])) or "none yet"
        raise Stopped(
            f"there is no profile {wanted!r} (known: {known})",
            code=Exit.USAGE,
            then="start a local service with `defter serve`, or run"
            " `defter login --url URL --key KEY`",
        )
    return Profile((url or found["url"]).rstrip("/"), key or found["key"])


def _read() -> dict[str, Any]:
    try:
        kept = json.loads(profiles_file().read_text("utf-8"))
        if isinstance(kept["profiles"], dict) and isinstance(kept["current"], str):
            return kept
    except FileNotFoundError:
        return {"current": LOCAL_PROFILE, "profiles": {}}
    except (OSError, ValueError, KeyError, TypeError) as broken:
        raise _unreadable() from broken
    raise _unreadable()


def _unreadable() -> Stopped:
    return Stopped(
        f"{profiles_file()} can not be read",
        code=Exit.USAGE,
        then="remove it and run `defter login` again",
    )


def _write(kept: dict[str, Any]) -> None:
    path = profiles_file()
    path.parent.mkdir(mode=PRIVATE_FOLDER_MODE, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=2)
    fresh.replace(path)
