"""Sealed personal text in answers: open for those who may read it, else only that it is there."""

from collections.abc import Iterable, Mapping
from typing import Any, cast
from uuid import UUID

from application.permissions import Permission
from domain.kernel.events import Personal
from interfaces.http.edge.exchange import Exchange, PrincipalKind
from interfaces.http.parts import View

FIELDS = frozenset({"subject", "sealed"})


async def opened(
    exchange: Exchange, view: View, sealed: Iterable[Personal], *, tenant_id: UUID | None = None
) -> Mapping[Personal, str | None]:
    """Open what the caller may read. A closed text is told as None, whatever the reason.

    `tenant_id` names the log that it stands in, where that is not the caller's own. What is opened
    for staff is noted in the log before the answer leaves; of themselves they may read, as
    everybody may.
    """
    principal = exchange.principal
    if not principal.may(Permission.PII_READ):
        return {}
    log = tenant_id or principal.tenant_id
    texts = await exchange.services.opener.open(view.connection, log, sealed)
    if principal.kind is not PrincipalKind.CUSTOMER:
        shown = {one.subject for one, text in texts.items() if text is not None}
        exchange.shown |= shown - {principal.actor_id}
    return texts


def sealed_in(value: Any) -> Personal | None:  # noqa: ANN401 - any JSON
    """Read a sealed text as events hold it."""
    if not isinstance(value, dict):
        return None
    fields = cast("dict[str, Any]", value)
    if fields.keys() != FIELDS:
        return None
    return Personal(fields["subject"], sealed=fields["sealed"])
