"""Whether customers get receipts by e-mail."""

from pydantic import BaseModel, Field

from application.notifications.receipts import ChooseReceipts, ReceiptsResult
from application.permissions import Permission
from domain.kernel.events import stream_of
from domain.notifications.events import MAILING_KEY
from domain.notifications.mailing import Mailing
from infrastructure.processes.passing import read_stream
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.query import POSITION_MAX, Answer, Params, QueryRoute, Question
from interfaces.http.wire.fields import Body


class ReceiptsBody(Body):
    """For all customers of the tenant."""

    mailed: bool = Field(examples=[True])


class ReceiptsView(BaseModel):
    """What holds now."""

    mailed: bool


def _choose(asked: Asked[ReceiptsBody]) -> ChooseReceipts:
    return ChooseReceipts(asked.body.mailed)


async def _receipts(question: Question[Params]) -> Answer:
    """Where nothing was chosen, they begin with the first customer who has an address."""
    tenant_id = question.exchange.principal.tenant_id
    stream, mailing = stream_of(Mailing.CATEGORY, MAILING_KEY), None
    async with question.view() as view:
        # Straight from the log: there are a handful of these events, and no read model.
        for event in await read_stream(view.connection, tenant_id, stream, until=POSITION_MAX):
            mailing = Mailing.evolve(mailing, event)  # type: ignore[arg-type] - of this stream
    return Answer({"mailed": mailing is not None and mailing.receipts})


CHOOSE = CommandRoute(
    "/api/notifications/receipts",
    ChooseReceipts,
    ReceiptsBody,
    _choose,
    permission=Permission.NOTIFICATIONS_MANAGE,
    result=ReceiptsResult,
    summary="Choose whether customers get receipts by e-mail",
    status=200,
    moves_money=False,
    staff_only=True,
)

CHOSEN = QueryRoute(
    "/api/notifications/receipts",
    Params,
    _receipts,
    permission=Permission.NOTIFICATIONS_MANAGE,
    result=ReceiptsView,
    summary="See whether customers get receipts by e-mail",
    name="notifications_receipts",
    staff_only=True,
)
