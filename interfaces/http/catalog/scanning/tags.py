"""NFC tags: bound by staff, resolved by whoever holds one."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from application.catalog.tags import BindTag, ReadTag, TagResult, UnbindTag
from application.envelope import Envelope, command_id_for
from application.permissions import Permission
from domain.catalog.tags.tags import (
    SERIAL_LENGTH_MAX,
    UID_PATTERN,
    Kind,
    Proof,
    TagNotFound,
)
from domain.kernel.events import Personal
from infrastructure.catalog.ntag424 import (
    COUNTER_BYTES,
    KEY_BYTES,
    PROOF_BYTES,
    UID_BYTES,
    proves,
)
from interfaces.http.catalog.scanning.lookup import VARIANTS, variant_of
from interfaces.http.catalog.scanning.shapes import VariantId, VariantView, variant_view
from interfaces.http.catalog.sorting.shapes import NothingBody
from interfaces.http.edge.exchange import Exchange
from interfaces.http.parts import View
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.idempotency import request_hash
from interfaces.http.routing.pages import Page, listed
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.fields import Body
from interfaces.http.wire.problems import Problem, of_refused
from projections.catalog import tags

TAGS = "catalog_nfc_tags"
PATH = "/api/admin/nfc-tags"

Hex = "0-9A-Fa-f"


class BindBody(Body):
    """What a tag stands for.

    `secret` is the SDMFileReadKey of an NTAG 424 DNA; it is kept sealed, and never shown.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"secret": {"type": "string"}}, "required": ["secret"]},
            "then": {"properties": {"uid": {"pattern": f"^[{Hex}]{{{2 * UID_BYTES}}}$"}}},
        }
    )

    uid: Annotated[str, Field(pattern=f"^({UID_PATTERN.pattern})$", examples=["04DE5F1EACC040"])]
    variant_id: VariantId
    kind: Annotated[Kind, Field(strict=False)] = Kind.VARIANT
    serial: Annotated[str, Field(min_length=1, max_length=SERIAL_LENGTH_MAX)] | None = None
    secret: Annotated[str, Field(pattern=f"^[{Hex}]{{{2 * KEY_BYTES}}}$")] | None = None

    @model_validator(mode="after")
    def _of_a_kind_that_signs(self) -> "BindBody":
        if self.secret is not None and len(self.uid) != 2 * UID_BYTES:
            raise PydanticCustomError("catalog.tag_can_not_sign", "a tag that signs has 7 bytes")
        return self


class TagView(BaseModel):
    """A tag; `counter` is the highest one that it proved."""

    uid: str
    kind: Kind
    variant_id: str
    serial: str | None
    signed: bool
    bound_at: datetime
    counter: int | None
    suspicions: int
    suspected_at: datetime | None


class TagsView(BaseModel):
    """A page of tags by UID."""

    items: list[TagView]
    next_cursor: str | None


class TagsParams(Page):
    """Which tags."""

    only_suspected: Annotated[bool, Field(description="Those that may have a clone")] = False


class ResolveParams(Standing):
    """What a tag that signs mirrors into its address: both, as hexadecimal digits."""

    ctr: Annotated[str | None, Field(pattern=f"^[{Hex}]{{{2 * COUNTER_BYTES}}}$")] = None
    cmac: Annotated[str | None, Field(pattern=f"^[{Hex}]{{{2 * PROOF_BYTES}}}$")] = None


class ResolvedView(BaseModel):
    """What a tag stands for; `variant` is null where it is not shown in the shop."""

    uid: str
    kind: Kind
    serial: str | None
    proof: Proof = Field(
        description="verified; replayed: the proof was seen before, so that this may be a clone;"
        " missing: the tag can sign and did not; unsigned: it can not"
    )
    variant: VariantView | None


def _bind(asked: Asked[BindBody]) -> BindTag:
    body = asked.body
    return BindTag(body.uid, body.variant_id, body.kind, body.serial, body.secret)


def _unbind(asked: Asked[NothingBody]) -> UnbindTag:
    return UnbindTag(asked.path["uid"])


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("uid", "kind", "variant_id", "serial", "bound_at", "counter", "suspicions")
    told = {name: row[name] for name in (*names, "suspected_at")}
    return told | {"signed": row["proof_sealed"] is not None}


async def _tags(question: Question[TagsParams]) -> Answer:
    return await listed(
        question,
        TAGS,
        tags.tags,
        by="uid",
        item=_told,
        only_suspected=question.params.only_suspected,
    )


async def _resolve(question: Question[ResolveParams]) -> Answer:
    """Whether a proof was seen before stands in the log, and staff see it."""
    exchange, params = question.exchange, question.params
    tenant_id = exchange.principal.tenant_id
    async with question.view(TAGS, VARIANTS) as view:
        row = await tags.tag(view.connection, tenant_id, question.path["uid"])
        if row is None:
            raise TagNotFound("no such tag stands for anything")
        key = await _key_of(view, exchange, row)
        variant = await variant_of(view, exchange, tenant_id, "variant_id", row["variant_id"])
    proof = await _proof(exchange, row["uid"], key, params)
    told = {name: row[name] for name in ("uid", "kind", "serial")}
    shown = None if variant is None else variant_view(variant)
    return Answer({**told, "proof": proof, "variant": shown}, view.position)


async def _key_of(view: View, exchange: Exchange, row: Mapping[str, Any]) -> bytes | None:
    """Open the key that a tag signs with, for nobody to see."""
    if row["proof_sealed"] is None:
        return None
    sealed = Personal(row["proof_subject"], sealed=row["proof_sealed"])
    opener = exchange.services.opener
    texts = await opener.open(view.connection, exchange.principal.tenant_id, [sealed])
    text = texts[sealed]
    return None if text is None else bytes.fromhex(text)


async def _proof(exchange: Exchange, uid: str, key: bytes | None, params: ResolveParams) -> Proof:
    if key is None:
        return Proof.UNSIGNED
    if params.ctr is None or params.cmac is None:
        return Proof.MISSING
    counter = int(params.ctr, 16)
    if not proves(key, bytes.fromhex(uid), counter, bytes.fromhex(params.cmac)):
        raise Problem(422, "catalog.tag_proof_wrong", "no tag with this UID made this proof")
    return await _read(exchange, uid, counter)


async def _read(exchange: Exchange, uid: str, counter: int) -> Proof:
    """Have the counter judged where all readings of the tag meet."""
    tenant_id, actor = exchange.principal.tenant_id, exchange.actor()
    envelope = Envelope(
        tenant_id,
        command_id_for(tenant_id, actor, secrets.token_hex(16)),
        request_hash(ReadTag.NAME, {"counter": counter}, {"uid": uid}),
        ReadTag(uid, counter),
        actor,
        exchange.correlation_id,
    )
    outcome = await exchange.services.sender.send(envelope)
    if outcome.refused:
        raise of_refused(outcome)
    return Proof(msgspec.json.decode(outcome.body)["proof"])


BIND = CommandRoute(
    PATH,
    BindTag,
    BindBody,
    _bind,
    permission=Permission.CATALOG_MANAGE,
    result=TagResult,
    summary="Let an NFC tag stand for a variant, a unit or a package",
    moves_money=False,
    staff_only=True,
)

UNBIND = CommandRoute(
    f"{PATH}/{{uid}}",
    UnbindTag,
    NothingBody,
    _unbind,
    method="DELETE",
    status=200,
    permission=Permission.CATALOG_MANAGE,
    result=TagResult,
    summary="Let an NFC tag stand for nothing any more",
    moves_money=False,
    staff_only=True,
)

LIST = QueryRoute(
    PATH,
    TagsParams,
    _tags,
    permission=Permission.CATALOG_READ,
    result=TagsView,
    summary="List NFC tags, or those that may have a clone",
    name="catalog_nfc_tags",
    staff_only=True,
)

RESOLVE = QueryRoute(
    "/api/nfc/{uid}",
    ResolveParams,
    _resolve,
    permission=None,
    keyed=True,
    result=ResolvedView,
    summary="See what an NFC tag stands for, and whether it proved itself",
    name="catalog_resolve_tag",
)
