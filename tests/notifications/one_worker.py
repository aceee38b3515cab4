"""A worker process that performs one receipt: `one_worker.py TENANT EFFECT`."""

import asyncio
import sys
from uuid import UUID

from application.processes.receipts import WALLET_RECEIPT
from infrastructure.effects.performing import Performer
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.opening import Opener
from infrastructure.event_log.writing.writer import Writer
from infrastructure.settings import load_settings


async def main(tenant: str, effect: str) -> None:
    settings = load_settings()
    keys = MasterKeys(*settings.master_key_bytes)
    database_url = settings.database_url.get_secret_value()
    writer = Writer(database_url, keys)
    await writer.start()
    async with Performer(database_url, settings, Opener(keys), writer).running() as performer:
        await performer.take(UUID(tenant), WALLET_RECEIPT, "", [UUID(effect)])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
