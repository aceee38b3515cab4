"""What a release brings does not answer what had happened before it, unless it says so."""

import psycopg
from sqlalchemy import create_engine

from application.process import Process
from infrastructure.event_log.migrate import migrate
from infrastructure.postgres.connections import connect, sqlalchemy_url
from infrastructure.processes.introducing import introduce
from tests.kit.lively import lively
from tests.processes.following import SenderThatNotes, effects, follow_to_the_end, processes_of
from tests.processes.test_following import GREETINGS
from tests.projections.stepping import checkpoints

LATE = Process("late", GREETINGS.reactions, history=False)


def bring(database_url: str, *processes: Process) -> None:
    engine = create_engine(sqlalchemy_url(database_url))
    with engine.begin() as connection:
        introduce(connection, processes)
    engine.dispose()


async def test_a_process_without_history_begins_where_logs_end_and_with_new_logs_at_once(
    database_url: str,
) -> None:
    old, new, sender = lively(), lively(), SenderThatNotes()
    old.store(database_url)
    bring(database_url, LATE, GREETINGS)
    assert checkpoints(database_url, old.tenant_id) == {LATE.key: (len(old.events), None, None)}
    new.store(database_url)
    async with await connect(database_url) as connection:
        for log in (old, new):
            await follow_to_the_end(connection, log.tenant_id, processes_of(sender, LATE))
    assert effects(database_url, old.tenant_id) == []
    assert len(effects(database_url, new.tenant_id)) == 3


async def test_bringing_it_again_moves_nothing(database_url: str) -> None:
    log = lively()
    log.store(database_url, last=3)
    bring(database_url, LATE)
    log.store(database_url, first=4)
    bring(database_url, LATE)
    migrate(database_url)
    assert checkpoints(database_url, log.tenant_id)[LATE.key] == (3, None, None)
    with psycopg.connect(database_url) as owner:
        row = owner.execute("SELECT count(*) FROM defter.checkpoints").fetchone()
    assert row == (1,)
