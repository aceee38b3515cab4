"""What an auditor is shown of events and states: no secrets, and of persons what they may see."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, cast

import msgspec

from domain.kernel.events import Personal
from infrastructure.audit.differences import ABSENT, Path, differences
from infrastructure.audit.secret_names import SEALED, SECRET_NAMES
from interfaces.http.wire.personal import sealed_in

CHANGES_MAX = 1_000
"""So many changed fields are listed; both states are there as a whole."""

Texts = Mapping[Personal, str | None]


def plain(state: object) -> Any:  # noqa: ANN401 - any JSON
    """Give a state as JSON has it, without its secrets."""
    return without_secrets(msgspec.to_builtins(state, enc_hook=_as_stored, str_keys=True))


def without_secrets(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Leave out what is secret by name."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        told = (one for one in fields.items() if one[0] not in SECRET_NAMES)
        return {name: without_secrets(part) for name, part in told}
    if isinstance(value, list | tuple):
        return [without_secrets(part) for part in cast("list[Any]", value)]
    return value


def sealed_parts(value: Any) -> Iterator[Personal]:  # noqa: ANN401 - any JSON
    """Find what is sealed in JSON."""
    personal = sealed_in(value)
    if personal is not None:
        yield personal
    elif isinstance(value, dict | list):
        held: Any = cast("Any", value)
        for part in held.values() if isinstance(value, dict) else held:
            yield from sealed_parts(part)


def worded(value: Any, texts: Texts) -> Any:  # noqa: ANN401 - any JSON
    """Give JSON with sealed parts as their text, or as `[sealed]`."""
    personal = sealed_in(value)
    if personal is not None:
        text = texts.get(personal)
        return SEALED if text is None else text
    if isinstance(value, dict):
        return {name: worded(part, texts) for name, part in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [worded(part, texts) for part in cast("list[Any]", value)]
    return value


def changes(before: Any, after: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON
    """List the fields that differ, by JSON pointer (RFC 6901), `CHANGES_MAX` at most."""
    one, other = (ABSENT if state is None else state for state in (before, after))
    return [
        {"pointer": pointer_of(path), "before": there(old), "after": there(new)}
        for path, old, new in islice(differences(one, other), CHANGES_MAX)
    ]


def pointer_of(path: Path) -> str:
    """Write a path as a JSON pointer."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


def path_of(field: str) -> Path:
    """Read a path, written as a JSON pointer or with full stops."""
    if not field.startswith("/"):
        return tuple(field.split(".")) if field else ()
    return tuple(
        part.replace("~1", "/").replace("~0", "~") for part in field.removeprefix("/").split("/")
    )


def there(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Give a value, None where there is none."""
    return None if value is ABSENT else value


def _as_stored(value: Any) -> Any:  # noqa: ANN401 - msgspec's hook
    if isinstance(value, Personal):
        return {"subject": value.subject, "sealed": value.sealed}
    raise NotImplementedError(repr(value))
