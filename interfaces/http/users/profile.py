"""One's own profile (USR-01)."""

from application.permissions import Permission
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.users import customers
from interfaces.http.users import settings as chosen
from interfaces.http.users.own import own_customer
from interfaces.http.wire.etags import tag_of
from interfaces.http.wire.personal import opened
from projections.users.settings import settings_of


class ProfileView(customers.CustomerView):
    """Who one is to the tenant, how one is reached, and what one chose."""

    settings: chosen.SettingsView


async def _profile(question: Question[Standing]) -> Answer:
    """Send the ETag back as If-Match to change only what you saw."""
    exchange = question.exchange
    customer_id = own_customer(exchange)
    async with question.view(customers.READ_MODEL, chosen.READ_MODEL) as view:
        row = await customers.reached(view, exchange, customer_id)
        texts = await opened(exchange, view, customers.sealed(row))
        rows = await settings_of(view.connection, exchange.principal.tenant_id, customer_id)
    profile = {**customers.told(row, texts), "settings": chosen.told(rows)}
    return Answer(profile, view.position, ((b"etag", tag_of(row["version"])),))


PROFILE = QueryRoute(
    "/api/users/profile",
    Standing,
    _profile,
    permission=Permission.IDENTITY_SELF,
    result=ProfileView,
    summary="See one's own profile",
    name="users_profile",
)
