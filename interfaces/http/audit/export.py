"""Take changes along as a file that is signed."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from pydantic import Field

from application.permissions import Permission
from interfaces.http.audit.trail import READ_MODELS, TrailFilters, told
from interfaces.http.routing.query import POSITION_MAX, Answer, QueryRoute, Question
from interfaces.http.wire.archives import ZIP, archive
from interfaces.http.wire.problems import Problem
from interfaces.http.wire.tables import as_csv
from projections.audit.trail import trail

CHANGES_MAX = 10_000
"""So many changes stand in one file."""

FORMAT = "defter-audit-export/1"
NOT_ASKED = {"format", "min_position"}

SEALED = ("ip", "device")
"""What an export leaves out, for it goes where nobody can note who reads it."""


class Written(StrEnum):
    """How changes are written."""

    JSONL = "jsonl"
    CSV = "csv"


class ExportParams(TrailFilters):
    """Which changes, and how they are written."""

    format: Annotated[Written, Field(description="JSON lines, or CSV (RFC 4180)")] = Written.JSONL


async def _export(question: Question[ExportParams]) -> Answer:
    """Get a ZIP: the changes, newest first, a manifest with their SHA-256, and its signature.

    The signature is a detached JWS (RFC 7515, appendix F) over the manifest, by a key of the JWKS.
    10,000 changes at most; addresses and devices are left out.
    """
    exchange, params = question.exchange, question.params
    principal = exchange.principal
    async with question.view(*READ_MODELS) as view:
        rows = await trail(
            view.connection,
            principal.tenant_id,
            asked=params.asked(),
            before=POSITION_MAX,
            limit=CHANGES_MAX + 1,
            reached=view.position,
        )
    if len(rows) > CHANGES_MAX:
        raise Problem(
            422,
            "audit.export_too_large",
            f"a file holds {CHANGES_MAX} changes at most; narrow it with since and until",
            facts={"changes_max": CHANGES_MAX},
        )
    content = await asyncio.to_thread(_content, rows, params.format)
    name = f"audit.{params.format.value}"
    asked = params.model_dump(mode="json", exclude_none=True, exclude=NOT_ASKED)
    about = {
        "position": view.position,
        "made_by": principal.actor_id,
        "asked": asked,
        "changes": len(rows),
    }
    packed = await archive(exchange, {name: content}, about, form=FORMAT)
    attached = (b"content-disposition", b'attachment; filename="audit.zip"')
    return Answer(packed, view.position, (attached,), media_type=ZIP)


def _content(rows: Sequence[Mapping[str, Any]], written: Written) -> bytes:
    changes = [
        {name: value for name, value in told(row, {}).items() if name not in SEALED} for row in rows
    ]
    if written is Written.JSONL:
        return b"".join(msgspec.json.encode(change) + b"\n" for change in changes)
    header = tuple(changes[0]) if changes else ()
    return as_csv(header, ([_cell(value) for value in change.values()] for change in changes))


def _cell(value: object) -> object:
    if isinstance(value, list):
        return msgspec.json.encode(value).decode()
    return value.isoformat() if isinstance(value, datetime) else value


EXPORT = QueryRoute(
    "/api/audit/export",
    ExportParams,
    _export,
    permission=Permission.AUDIT_READ,
    result=bytes,
    summary="Take changes along as a signed file",
    name="audit_export",
    staff_only=True,
    extra={"x-answers": "application/zip"},
)
