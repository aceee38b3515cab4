"""What is said of API keys, in requests and answers."""

from datetime import datetime
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from application.permissions import EVERYTHING, Permission
from application.tenants.keys import ROTATION_OVERLAP_HOURS_MAX
from domain.tenants.tenant import KeyKind
from interfaces.http.wire.fields import Body, Moment, StaffId

SCOPES_MAX = 32
NETWORKS_MAX = 32
_PERMISSIONS = frozenset(permission.value for permission in Permission)


def _known_scope(scope: str) -> str:
    if scope != EVERYTHING and scope not in _PERMISSIONS:
        raise PydanticCustomError("keys.unknown_scope", "there is no such permission")
    return scope


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as wrong:
        raise PydanticCustomError("keys.not_a_network", "a network is written as CIDR") from wrong


Scope = Annotated[
    str,
    Field(
        max_length=64,
        examples=["wallet.read"],
        json_schema_extra={"enum": [EVERYTHING, *sorted(_PERMISSIONS)]},
    ),
    AfterValidator(_known_scope),
]
Network = Annotated[
    str, Field(max_length=64, examples=["203.0.113.0/24"]), AfterValidator(_network)
]


class KeyBody(Body):
    """What the key may do; `staff_id` is the caller unless another is named."""

    kind: Annotated[KeyKind, Field(strict=False)]
    staff_id: StaffId | None = None
    scopes: Annotated[tuple[Scope, ...], Field(strict=False, max_length=SCOPES_MAX)] = ()
    networks: Annotated[tuple[Network, ...], Field(strict=False, max_length=NETWORKS_MAX)] = ()
    expires_at: Moment | None = None


class RotationBody(Body):
    """How long both keys work."""

    overlap_hours: Annotated[int, Field(ge=0, le=ROTATION_OVERLAP_HOURS_MAX)] = 24


class RevocationBody(Body):
    """Nothing more to say."""


class KeyRevokedView(BaseModel):
    """The key that was ended."""

    key_id: str


class KeysView(BaseModel):
    """A page of keys."""

    items: list["KeyView"]
    next_cursor: str | None


class NewKeyView(BaseModel):
    """A new key. `secret` is shown once; when the request is repeated it is null."""

    key_id: str
    secret: str | None = Field(examples=["dsk_test_…"])
    hint: str | None = Field(examples=["…x7Qa"])


class KeyView(BaseModel):
    """A key, as far as it can be shown."""

    key_id: str
    kind: str
    hint: str
    staff_id: str | None
    scopes: list[str]
    networks: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
