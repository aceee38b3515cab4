"""USR-10: who is to be forgotten is, with the checkpoint of the process that says so."""

import psycopg
import pytest

from application.processes.erasures import ERASURES
from domain.kernel.events import Personal
from domain.users import customer
from domain.users.customer import Contact, Customer, Email, ErasureReason, Holders, Locale
from infrastructure.postgres.connections import connect
from tests.processes.following import SenderThatNotes, follow_to_the_end, processes_of, rows
from tests.projections.written_logs import Log

pytestmark = pytest.mark.row("USR-10")

ADA, BORA = "cus_ada1", "cus_bora"


def erased() -> Log:
    log = Log()
    email = Email(Personal(ADA, "a@a.example"), "key-of-ada")
    contact = Contact(None, email, Locale.TURKISH)
    log.record(customer.register(None, contact, customer_id=ADA, holders=Holders(None)))
    known = Customer(ADA, "key-of-ada", bounced=False)
    log.record(customer.erase(known, reason=ErasureReason.ASKED, login_key="key-of-login"))
    return log


def live(url: str, log: Log) -> None:
    """Let two people have something beside the log."""
    with psycopg.connect(url) as owner:
        for person in (ADA, BORA):
            given = (log.tenant_id, person, "hash")
            owner.execute("INSERT INTO defter.credentials VALUES (%s, %s, %s)", given)
            owner.execute(
                "INSERT INTO defter.refresh_tokens VALUES (%s, %s, %s, 'ses', now(), now())",
                (log.tenant_id, f"of {person}", person),
            )
            owner.execute(
                "INSERT INTO defter.mailed_links VALUES (%s, %s, 'reset', %s, 'x', now(), now())",
                (log.tenant_id, f"of {person}", person),
            )
            for state in ("waiting", "done"):
                owner.execute(
                    "INSERT INTO defter.effects (tenant_id, effect_id, effect, target, event_id,"
                    " position, state, told)"
                    " VALUES (%s, gen_random_uuid(), 'e', %s, gen_random_uuid(), 1, %s, 'told')",
                    (log.tenant_id, person, state),
                )
        for who in ("key-of-ada", "key-of-login/place", "mail:key-of-ada", "key-of-bora"):
            owner.execute(
                "INSERT INTO defter.login_attempts VALUES (%s, %s, 1, now())", (log.tenant_id, who)
            )


async def test_what_stands_beside_the_log_goes_with_the_checkpoint(database_url: str) -> None:
    log, other = erased(), erased()
    for one in (log, other):
        one.store(database_url)
        live(database_url, one)
    async with await connect(database_url) as connection:
        for _ in range(2):
            processes = processes_of(SenderThatNotes(), ERASURES)
            assert await follow_to_the_end(connection, log.tenant_id, processes) == ()
            with psycopg.connect(database_url) as owner:
                owner.execute("UPDATE defter.checkpoints SET position = 0")
    for table in ("credentials", "refresh_tokens", "mailed_links"):
        assert rows(database_url, table, log.tenant_id, "person_id") == [(BORA,)]
        assert len(rows(database_url, table, other.tenant_id, "person_id")) == 2
    assert rows(database_url, "login_attempts", log.tenant_id, "who") == [("key-of-bora",)]
    assert rows(database_url, "effects", log.tenant_id, "target, state, told") == [
        (ADA, "discarded", None),
        (ADA, "done", None),
        (BORA, "done", "told"),
        (BORA, "waiting", "told"),
    ]
