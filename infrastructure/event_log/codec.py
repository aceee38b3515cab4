"""Events to the exact bytes of the log and back. Personal data is sealed on the way in."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from domain.kernel.events import Event, Personal
from infrastructure.event_log.event_types import EVENT_TYPES, UPCASTERS

Seal = Callable[[Personal], str]

LEFT_OUT = b',"adjusts":null'
"""A field that entries got later is not written where it says nothing: an entry that adjusts no
month has the bytes it always had. Within a text its quotes are escaped, so this finds the field."""


class UnknownEvent(RuntimeError):
    """The log holds a type or schema that this release does not know; it never guesses."""

    tenant_id: UUID | None = None


class _Sealed(msgspec.Struct):
    subject: str
    sealed: str


def _given_as_sealed(kind: type, value: Any) -> Any:  # noqa: ANN401 - msgspec's hook
    if kind is not Personal:
        raise NotImplementedError(kind)
    kept = msgspec.convert(value, _Sealed)
    return Personal(kept.subject, sealed=kept.sealed)


def decoder(kind: type) -> msgspec.json.Decoder[Any]:
    """Give what reads a type in which personal data stands as it is stored."""
    return msgspec.json.Decoder(kind, dec_hook=_given_as_sealed)


_DECODERS = {name: decoder(kind) for name, kind in EVENT_TYPES.items()}


class Codec:
    """Encodes with one way of sealing, such as the key ring of the tenant being written."""

    def __init__(self, seal: Seal) -> None:
        self._encoder = msgspec.json.Encoder(enc_hook=partial(_as_sealed, seal))

    def encode(self, event: object) -> bytes:
        """Give the bytes of an event, a state or an outcome."""
        return self._encoder.encode(event).replace(LEFT_OUT, b"")


def _as_sealed(seal: Seal, value: Any) -> Any:  # noqa: ANN401 - msgspec's hook
    if isinstance(value, Personal):
        sealed = value.sealed if value.sealed is not None else seal(value)
        return {"subject": value.subject, "sealed": sealed}
    raise NotImplementedError(repr(value))


def decode(name: str, schema: int, data: bytes) -> Event:
    """Read an event of any released schema as today's type."""
    kind = EVENT_TYPES.get(name)
    if kind is None or schema > kind.SCHEMA:
        raise UnknownEvent(f"this release does not know {name} of schema {schema}")
    if schema == kind.SCHEMA:
        return _DECODERS[name].decode(data)
    fields: dict[str, Any] = msgspec.json.decode(data)
    for step in range(schema, kind.SCHEMA):
        fields = UPCASTERS[name, step](fields)
    return msgspec.convert(fields, kind, dec_hook=_given_as_sealed)
