"""Links that are mailed: to verify an address, or to choose a password.

The secret of a link is made here, when it is sent, and stands nowhere else: neither in the log nor
among the effects, and beside them only as a hash. An effect that is performed again makes another
one, and the older stays good until its end.
"""

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.tenants.tenants import PLATFORM
from domain.identity.accounts import LinkPurpose
from domain.identity.events import LinkRequested
from domain.tenants.settings import Branding
from infrastructure.effects.effect import Effect, Hopeless, Kind, Needless, World
from infrastructure.identity import credentials, mailed_links
from infrastructure.identity.mailed_links import LASTS, Link
from infrastructure.identity.persons import person
from infrastructure.notifications.delivering import Bounced
from infrastructure.notifications.letters import (
    Letter,
    decoded,
    event_of,
    mark_bounced,
    post,
)
from infrastructure.notifications.wording import LINK_TITLES, span_in
from infrastructure.tenants.settings import settings_in

PATHS = {
    LinkPurpose.VERIFICATION: "/account/verify",
    LinkPurpose.RESET: "/account/reset",
    LinkPurpose.INVITATION: "/account/invitation",
}
"""Pages of the tenant's own. What follows # is sent to no server, and stands in no server's log."""

CUSTOMERS = "cus_"


async def perform(world: World, effect: Effect) -> str:
    """Make a link and mail it to the address that the person logs in with now."""
    if world.settings.mail_server is None:
        return "no mail server is set"
    async with world.look(PLATFORM) as connection:
        branding = await settings_in(connection, effect.tenant_id, Branding)
    async with world.look(effect.tenant_id) as connection:
        event: Any = decoded(await event_of(connection, effect))
        who = await person(connection, world.opener, effect.tenant_id, event.person_id)
        if who is None or who.email is None or who.login_key != event.login_key:
            raise Needless("nobody logs in with this address any more")
        purpose = await _purpose(connection, effect.tenant_id, event)
        link = Link(who.person_id, who.login_key)
        secret = await mailed_links.make(connection, effect.tenant_id, purpose, link)
    title = LINK_TITLES[purpose][who.locale]
    shop = (branding.shop_url or world.settings.public_url).rstrip("/")
    told = {
        "title": title,
        "link": f"{shop}{PATHS[purpose]}#token={secret}",
        "lasts": span_in(who.locale, LASTS[purpose]),
    }
    letter = Letter("link", title, who.name or "", who.email, who.locale, told)
    try:
        return await post(world, effect, letter)
    except Bounced as bounced:
        if who.person_id.startswith(CUSTOMERS):
            await mark_bounced(world, effect, who.person_id, who.login_key, bounced)
        raise Hopeless(bounced.reply) from None


async def _purpose(connection: AsyncConnection[Any], tenant_id: UUID, event: Any) -> LinkPurpose:  # noqa: ANN401 - any of three
    if isinstance(event, LinkRequested):
        return LinkPurpose(event.purpose)
    known = await credentials.of_person(connection, tenant_id, event.person_id)
    return LinkPurpose.INVITATION if known is None else LinkPurpose.VERIFICATION


MAILED_LINKS = Kind(perform, attempts_max=5, first_retry_seconds=5.0)
"""Its attempts span about seven minutes: whoever waits for a link soon asks again."""
