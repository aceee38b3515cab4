"""Mail to who waits for a variant: a link to confirm, and the one notice (INV-05, NTF-07)."""

from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from application.sending import NotDecided
from application.stock.watching import EndWatch, NotifyWatcher
from application.tenants.tenants import PLATFORM
from domain.catalog.events import ProductCreated, ProductDescribed, SlugChanged
from domain.kernel.events import stream_of
from domain.stock.stock import Level
from domain.stock.watch_events import WatchAsked, WatchBegun, WatcherNotified
from domain.stock.watches import CONFIRM_WITHIN, Ending, Watch
from domain.tenants.settings import LANGUAGES, Branding
from domain.users.customer import Locale
from infrastructure.effects.effect import Effect, Hopeless, Kind, Needless, TryLater, World
from infrastructure.event_log.reader import read_feed
from infrastructure.identity.persons import person
from infrastructure.notifications.addresses import one_line
from infrastructure.notifications.delivering import Bounced
from infrastructure.notifications.letters import Letter, decoded, event_of, mark_bounced, post
from infrastructure.notifications.wording import WATCH_TITLES, span_in
from infrastructure.processes.advance import envelope_of
from infrastructure.stock.watch_links import Does, Watched, token_of
from infrastructure.tenants.settings import settings_in
from projections.stock import watches

WATCHERS_AT_ONCE = 500
EVENTS_MAX = 10_000
PATHS = {Does.CONFIRM: "/stock/watch", Does.UNSUBSCRIBE: "/stock/unsubscribe"}
"""Pages of the tenant's own. What follows # is sent to no server, and stands in no server's log."""

_POSITION = b"SELECT position FROM defter.checkpoints WHERE tenant_id = %s AND projection = %s"
_TOLD_BY = (ProductCreated.NAME, ProductDescribed.NAME, SlugChanged.NAME)
_BEGUN_BY = (WatchBegun.NAME, WatchAsked.NAME)


class _Watcher(NamedTuple):
    """Who is written to."""

    name: str | None
    email: str
    locale: Locale
    login_key: str | None
    """Of a customer, for noting that their address takes no mail."""


async def find_watchers(world: World, effect: Effect) -> str:
    """Let everybody who waits for a variant be told, if it came back with this event."""
    async with world.look(effect.tenant_id) as connection:
        crossed: Any = decoded(await event_of(connection, effect))
        if crossed.was != Level.OUT:
            return "it was there before"
        if await _read_up_to(connection, effect.tenant_id) < effect.position:
            raise TryLater("who waits is not known yet")
    after, told = "", 0
    while True:
        async with world.look(effect.tenant_id) as connection:
            found = await watches.watchers(
                connection,
                effect.tenant_id,
                crossed.variant_id,
                after=after,
                limit=WATCHERS_AT_ONCE,
            )
        for watcher_id in found:
            await _send(world, effect, NotifyWatcher(crossed.variant_id, watcher_id), watcher_id)
        told += len(found)
        if len(found) < WATCHERS_AT_ONCE:
            return f"{told} watchers"
        after = found[-1]


async def mail_link(world: World, effect: Effect) -> str:
    """Mail a guest the link that makes them wait."""
    if world.settings.mail_server is None:
        return "no mail server is set"
    async with world.look(effect.tenant_id) as connection:
        asked: Any = decoded(await event_of(connection, effect))
        email = (await world.opener.open(connection, effect.tenant_id, [asked.email]))[asked.email]
    if email is None:
        raise Needless("the address was forgotten")
    watcher = _Watcher(None, email, Locale(asked.locale), None)
    letter = await _letter(world, effect, asked, watcher, "watch_link")
    try:
        return await post(world, effect, letter)
    except Bounced as bounced:
        raise Hopeless(bounced.reply) from None


async def mail_notice(world: World, effect: Effect) -> str:
    """Mail the notice of a watch, and forget a guest's address then."""
    if world.settings.mail_server is None:
        return "no mail server is set"
    async with world.look(effect.tenant_id) as connection:
        notified: Any = decoded(await event_of(connection, effect))
        begun = await _beginning_of(connection, effect, notified)
        watcher = await _watcher(world, connection, effect.tenant_id, begun)
    if watcher is None:
        raise Needless("the address was forgotten")
    letter = await _letter(world, effect, begun, watcher, "watch_notice")
    over = EndWatch(notified.variant_id, notified.watcher_id, Ending.TOLD)
    try:
        reply = await post(world, effect, letter)
    except Bounced as bounced:
        if watcher.login_key is not None:
            await mark_bounced(world, effect, notified.watcher_id, watcher.login_key, bounced)
        else:
            await _send(world, effect, over, "over")
        raise Hopeless(bounced.reply) from None
    if watcher.login_key is None:
        await _send(world, effect, over, "over")
    return reply


async def _read_up_to(connection: AsyncConnection[Any], tenant_id: UUID) -> int:
    cursor = await connection.execute(_POSITION, (tenant_id, watches.STOCK_WATCHES.key))
    row = await cursor.fetchone()
    return 0 if row is None else row[0]


async def _beginning_of(
    connection: AsyncConnection[Any],
    effect: Effect,
    notified: WatcherNotified,
) -> Any:  # noqa: ANN401 - either event
    """Give the event with which the watch began that this notice ends."""
    stream = stream_of(Watch.CATEGORY, notified.key)
    found = await read_feed(
        connection, effect.tenant_id, after=0, limit=EVENTS_MAX, stream=stream, types=_BEGUN_BY
    )
    return decoded([one for one in found if one.position < effect.position][-1])


async def _watcher(
    world: World,
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    begun: Any,  # noqa: ANN401 - either event
) -> _Watcher | None:
    if isinstance(begun, WatchAsked):
        email = (await world.opener.open(connection, tenant_id, [begun.email]))[begun.email]
        return None if email is None else _Watcher(None, email, Locale(begun.locale), None)
    who = await person(connection, world.opener, tenant_id, begun.watcher_id)
    if who is None or who.email is None:
        return None
    return _Watcher(who.name, who.email, who.locale, who.login_key)


async def _letter(
    world: World,
    effect: Effect,
    begun: Any,  # noqa: ANN401 - either event
    watcher: _Watcher,
    template: str,
) -> Letter:
    watched = Watched(begun.variant_id, begun.watcher_id)
    keys, tenant_id = world.settings.master_key_bytes, effect.tenant_id
    async with world.look(PLATFORM) as connection:
        branding = await settings_in(connection, tenant_id, Branding)
    async with world.look(tenant_id) as connection:
        slug, product = await _product(connection, tenant_id, begun.product_id, watcher.locale)
    shop = (branding.shop_url or world.settings.public_url).rstrip("/")
    links = {
        does.value: f"{shop}{path}#token={token_of(keys, tenant_id, does, watched)}"
        for does, path in PATHS.items()
    }
    title = WATCH_TITLES[template][watcher.locale]
    told = {
        "title": title,
        "product": product,
        "page": f"{shop}/products/{slug}",
        "lasts": span_in(watcher.locale, CONFIRM_WITHIN),
        **links,
    }
    subject = f"{title}: {product}"
    return Letter(template, subject, watcher.name or "", watcher.email, watcher.locale, told)


async def _product(
    connection: AsyncConnection[Any], tenant_id: UUID, product_id: str, locale: Locale
) -> tuple[str, str]:
    """Give the address and the name of a product, in the watcher's language if it has one."""
    stream = stream_of(ProductCreated.CATEGORY, product_id)
    found = await read_feed(
        connection, tenant_id, after=0, limit=EVENTS_MAX, stream=stream, types=_TOLD_BY
    )
    slug, texts = "", dict[str, Any]()
    for event in map(decoded, found):
        slug = getattr(event, "slug", slug)
        texts = getattr(event, "texts", texts)
    names = [texts[one].name for one in (locale.value, *LANGUAGES, *texts) if one in texts]
    return slug, one_line(names[0]) if names else slug


async def _send(world: World, effect: Effect, command: object, name: str) -> None:
    """Send a command once for this effect. What it refuses has changed meanwhile."""
    envelope = envelope_of(effect.tenant_id, effect.event_id, f"{effect.effect}/{name}", command)
    try:
        await world.sender.send(envelope)
    except NotDecided as later:
        raise TryLater(later.code) from later


WATCHERS = Kind(find_watchers, first_retry_seconds=0.5)
WATCH_LINKS = Kind(mail_link, attempts_max=5, first_retry_seconds=5.0)
WATCH_NOTICES = Kind(mail_notice, first_retry_seconds=30.0)
