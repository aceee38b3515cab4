"""A mailbox as a witness: the checkpoint in words, and as a file to keep."""

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.tenants.tenants import PLATFORM
from domain.kernel.ids import derived_uuid
from domain.tenants.events import settings_key
from domain.tenants.settings import Languages, typed
from domain.users.customer import Locale
from infrastructure.effects.effect import Effect, Hopeless, World
from infrastructure.notifications.delivering import Bounced
from infrastructure.notifications.letters import Letter, post
from infrastructure.notifications.wording import CHECKPOINT_TITLES, moment_in
from infrastructure.sealing.notes import origin_of
from infrastructure.tenants.settings import newest_settings
from infrastructure.witnesses import cosignatures
from infrastructure.witnesses.newest import Confirmed, newest_for
from infrastructure.witnesses.witness import MailWitness


async def give(world: World, effect: Effect, witness: MailWitness) -> Confirmed:
    """Mail the newest checkpoint, once; what is sent again has the same Message-ID."""
    async with world.look(effect.tenant_id) as connection:
        newest = await newest_for(connection, effect)
        if newest.size == await cosignatures.confirmed(connection, effect.tenant_id, witness.key):
            return Confirmed(newest.size)
    async with world.look(PLATFORM) as connection:
        locale = await _language(connection, effect.tenant_id)
    told = {
        "title": CHECKPOINT_TITLES[locale],
        "size": str(newest.size),
        "moment": moment_in(locale, newest.sealed_at, "UTC"),
        "origin": origin_of(effect.tenant_id),
        "note": newest.note,
    }
    letter = Letter(
        "checkpoint",
        f"{told['title']}: {newest.size}",
        "",
        witness.address,
        locale,
        told,
        files={f"{effect.tenant_id}-{newest.size}.txt": newest.note},
    )
    known_by = UUID(bytes=derived_uuid(effect.effect_id, str(newest.size)))
    try:
        await post(world, effect._replace(effect_id=known_by), letter)
    except Bounced as bounced:
        raise Hopeless(bounced.reply) from None
    return Confirmed(newest.size)


async def _language(connection: AsyncConnection[Any], tenant_id: UUID) -> Locale:
    chosen = await newest_settings(connection, settings_key(str(tenant_id), Languages.GROUP))
    return Locale.ENGLISH if chosen is None else Locale(typed(Languages, chosen).default)
