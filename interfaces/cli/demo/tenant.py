"""The GBP tenant that the demo's shop trades in, made beside a local `defter serve`."""

import asyncio
import json
from pathlib import Path

from domain.tenants.tenant import KeyKind
from domain.wallet.scheme import SchemeMode
from infrastructure.embedded.folder import write_durably
from infrastructure.onboarding import FINANCE_SCOPES, CommandRefused, NewStaff, NewTenant, onboard
from infrastructure.tenants.api_keys import NewApiKey, key_of, new_key
from interfaces.cli.operations.access import served_at, settings_of, writer_of
from interfaces.cli.remote.profiles import Profile, save_profile
from interfaces.cli.tenants.creating import until_known
from interfaces.cli.terminal.exits import Exit, Refused, Stopped

SLUG = "retail"
KEY_FILE = "retail-tenant.json"
"""In the data folder: the tenant's key, kept before it is issued so that a second try has it."""


def retail_tenant(data: Path) -> Profile:
    """Make the tenant, or find it as it was made, and keep its profile for the ledger commands."""
    url = served_at(data)
    if url is None:
        raise Stopped(
            f"nothing is served from {data}",
            code=Exit.USAGE,
            then="start `defter serve`, or name a service with --url and --key or --profile",
        )
    key = _kept_key(data / KEY_FILE)
    settings = settings_of(None, data)
    new = NewTenant(
        slug=SLUG,
        name="Online Retail",
        base_currency="GBP",
        time_zone="Europe/London",
        mode=SchemeMode.CLOSED_LOOP,
        test=True,
        staff=(NewStaff("Grace Hopper, finance", FINANCE_SCOPES, key),),
    )

    async def carry_out() -> None:
        async with writer_of(settings) as writer:
            onboarded = await onboard(writer, new)
        await until_known(settings, onboarded.position)

    try:
        asyncio.run(carry_out())
    except CommandRefused as refused:
        raise Refused(refused.code, refused.detail, status=0) from refused
    save_profile(SLUG, url, key.secret)
    return Profile(url, key.secret)


def _kept_key(path: Path) -> NewApiKey:
    try:
        return key_of(json.loads(path.read_text("utf-8"))["key"])
    except FileNotFoundError:
        key = new_key(KeyKind.SECRET, test=True)
        write_durably(path, json.dumps({"key": key.secret}) + "\n")
        return key
    except (OSError, ValueError, KeyError) as broken:
        raise Stopped(f"{path} can not be read: {broken}", code=Exit.FAILED) from broken
