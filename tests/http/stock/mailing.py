"""A warehouse whose watchers are written to: processes and workers taken forward by hand."""

import base64
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from uuid import UUID

from application.processes.registry import PROCESSES
from infrastructure.effects.kinds import EFFECTS
from infrastructure.effects.performing import Performer
from infrastructure.event_log.opening import Opener
from infrastructure.postgres.connections import connect
from infrastructure.processes.follower import Processes
from infrastructure.settings import load_settings
from tests.http.conftest import MASTER_KEY
from tests.http.fakes import TENANT
from tests.http.identity.house import KEYS
from tests.http.stock.warehouse import Warehouse
from tests.notifications.post import PostOffice
from tests.processes.following import follow_to_the_end
from tests.projections.stepping import until

WAITING = """
SELECT effect, target, effect_id FROM defter.effects
WHERE tenant_id = %s AND state = 'waiting' AND effect LIKE 'stock.%%' ORDER BY position
"""
BEHIND = """
SELECT (SELECT max(position) FROM defter.events WHERE tenant_id = %s) > position
FROM defter.checkpoints WHERE tenant_id = %s AND projection = 'stock_watches_v1'
"""


class Mailing:
    """The warehouse, and the post office that takes its mail."""

    def __init__(self, warehouse: Warehouse, post: PostOffice, redis_url: str) -> None:
        self.warehouse, self.house, self.post = warehouse, warehouse.house, post
        self._redis_url = redis_url

    async def run(self) -> list[EmailMessage]:
        """Do all that is to be done about stock, and give the mail that went out."""
        before = len(self.post.mails)
        while waiting := await self._due():
            async with self._worker() as worker:
                for effect, target, effect_id in waiting:
                    tries = self._attempts()
                    await worker.take(TENANT, effect, target, [effect_id])
                    await until(lambda tries=tries: self._attempts() > tries)
        return self.post.mails[before:]

    async def _due(self) -> list[tuple[str, str, UUID]]:
        processes = Processes(self.house.api.services.sender, processes=PROCESSES)
        async with await connect(self.house.database_url) as connection:
            assert await follow_to_the_end(connection, TENANT, processes) == ()
        await until(lambda: self.house.ask(BEHIND, TENANT, TENANT) == [(False,)])
        return self.house.ask(WAITING, TENANT)  # type: ignore[return-value] - its columns

    @asynccontextmanager
    async def _worker(self) -> AsyncGenerator[Performer]:
        settings = load_settings(
            database_url=self.house.database_url,
            redis_url=self._redis_url,
            master_keys=base64.b64encode(MASTER_KEY).decode(),
            smtp_url=self.post.url,
            mail_from="no-reply@mail.example",
        )
        performer = Performer(
            self.house.database_url,
            settings,
            Opener(KEYS),
            self.house.api.services.sender,
            kinds=EFFECTS,
        )
        async with performer.running():
            yield performer

    def _attempts(self) -> int:
        query = "SELECT count(*) FROM defter.effect_attempts WHERE tenant_id = %s"
        return self.house.ask(query, TENANT)[0][0]


def token_in(mail: EmailMessage, page: str) -> str:
    """Give the secret of the link to a page."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(rf"http://localhost:8000/stock/{page}#token=(\S+)", body.get_content())
    assert found is not None, body.get_content()
    return found[1]
