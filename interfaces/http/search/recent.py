"""What a customer searched for last: theirs to see and to forget (SRC-06)."""

from datetime import datetime

from pydantic import BaseModel, Field

from application.permissions import Permission
from domain.users.settings import Use
from infrastructure.search.kept import recent
from interfaces.http.edge.exchange import NO_CONTENT, Exchange
from interfaces.http.routing.command import JSON
from interfaces.http.routing.query import Answer, Params, QueryRoute, Question
from interfaces.http.routing.route import DefterRoute
from interfaces.http.users.own import own_person
from interfaces.http.wire.documented import EVERY_ROUTE
from projections.users.settings import ALLOWED, PRIVACY, settings_of

READ_MODEL = "users_settings"
RECENT_PATH = "/api/search/recent"


class RecentView(BaseModel):
    """A search."""

    q: str = Field(examples=["kırmızı ayakkabı"])
    at: datetime


class RecentsView(BaseModel):
    """The latest first. It is empty for whoever does not allow personalisation."""

    items: list[RecentView]


async def _recent(question: Question[Params]) -> Answer:
    """Kept while the privacy setting `personalisation` is on, about a second after each search."""
    exchange = question.exchange
    tenant_id, person_id = exchange.principal.tenant_id, own_person(exchange)
    async with question.view(READ_MODEL) as view:
        chosen = await settings_of(view.connection, tenant_id, person_id)
        kept = await recent(view.connection, tenant_id, person_id)
        if not any(
            (one["part"], one["name"], one["value"]) == (PRIVACY, Use.PERSONALISATION, ALLOWED)
            for one in chosen
        ):
            kept = []
        texts = await exchange.services.opener.open(
            view.connection, tenant_id, [sealed for sealed, _ in kept]
        )
    told = [{"q": texts[sealed], "at": at} for sealed, at in kept if texts[sealed] is not None]
    return Answer({"items": told})


class ForgetRoute(DefterRoute):
    """Forgets what the caller searched for; nothing of it is in the log."""

    def __init__(self) -> None:
        super().__init__(
            RECENT_PATH,
            method="DELETE",
            permission=Permission.IDENTITY_SELF,
            summary="Forget one's own searches",
            name="search_forget_recent",
            tag="search",
            status=NO_CONTENT,
            answer=None,
            problems=sorted({404, *EVERY_ROUTE}),
        )

    async def respond(self, exchange: Exchange) -> None:
        """Forget them."""
        person_id = own_person(exchange)
        await exchange.services.asked_terms.forget(exchange.principal.tenant_id, person_id)
        await exchange.answer(NO_CONTENT, b"", JSON)


SEE = QueryRoute(
    RECENT_PATH,
    Params,
    _recent,
    permission=Permission.IDENTITY_SELF,
    result=RecentsView,
    summary="See one's own searches",
    name="search_recent",
)

FORGET = ForgetRoute()
