"""Personal data stands in clear nowhere in the database."""

import psycopg
from psycopg import sql

from application.envelope import Actor
from application.ledger.journal import PostEntry, ReverseEntry
from application.wallet.holds import PlaceHold
from application.wallet.topups import CreditFunds, TopUp
from domain.kernel.events import Personal
from domain.ledger.postings import Posting
from infrastructure.event_log.codec import decode
from infrastructure.event_log.keyring import unseal
from infrastructure.event_log.opening import Opener
from infrastructure.postgres.connections import connect
from tests.event_log.shop import MASTER_KEYS, Shop, lira, open_shop
from tests.faults.proxy import proxied

CANARY = "canary-Zeynep-Demir-TR33-0006-1005"


def dump(database_url: str) -> str:
    """Give every row of every table as text, `bytea` as the text it holds."""
    with psycopg.connect(database_url) as admin:
        tables = admin.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        admin.execute("SET bytea_output = 'escape'")
        query = sql.SQL("SELECT t::text FROM {}.{} t")
        return "\n".join(
            row[0]
            for schema, table in tables
            for row in admin.execute(
                query.format(sql.Identifier(schema), sql.Identifier(table))
            ).fetchall()
        )


async def test_planted_personal_data_is_found_in_no_table(shop: Shop) -> None:
    staff = Actor("stf_canary", key_id="key_1", origin=f'{{"ip":"{CANARY}","agent":"{CANARY}"}}')
    (ada,) = await shop.wallets(1, 1)
    for _ in range(2):  # so that there is a snapshot as well
        await shop.tell_all([TopUp(ada, lira(1), note=f"{CANARY} note") for _ in range(500)])
    await shop.tell(TopUp(ada, lira(100), note=CANARY), actor=staff)
    await shop.tell(CreditFunds(ada, lira(100), note=CANARY), actor=staff)
    await shop.tell(PlaceHold(ada, lira(50), reference=CANARY), actor=staff)
    lines = (Posting("bank", lira(5)), Posting("sales", lira(-5)))
    posted = await shop.tell(PostEntry(lines, description=CANARY), actor=staff)
    await shop.tell(ReverseEntry(posted["entry_id"], reason=CANARY), actor=staff)
    await shop.refusal(PlaceHold(ada, lira(10**9), reference=CANARY), actor=staff)
    seen = dump(shop.database_url)
    assert "wallet.funds_topped_up" in seen
    assert '"sealed"' in seen
    assert f"wallet-{ada}" in seen
    assert shop.ask("SELECT 1 FROM defter.snapshots WHERE tenant_id = %s", shop.tenant_id)
    assert CANARY not in seen
    assert "canary-" not in seen


def test_the_search_for_personal_data_finds_it_where_it_is_in_clear(database_url: str) -> None:
    with psycopg.connect(database_url) as admin:
        admin.execute(
            "INSERT INTO defter.snapshots VALUES (gen_random_uuid(), 's', 1, 1, %s)",
            (f'{{"name":"{CANARY}"}}'.encode(),),
        )
    assert CANARY in dump(database_url)


async def test_sealed_text_opens_with_the_persons_key_alone(shop: Shop) -> None:
    (ada,) = await shop.wallets(1)
    await shop.tell(TopUp(ada, lira(1), note=CANARY))
    row = shop.rows().events[-1]
    note: Personal | None = getattr(decode(row.type, row.schema, row.data), "note", None)
    assert note is not None
    assert note.text is None
    async with await connect(shop.database_url) as connection, connection.transaction():
        await connection.execute(
            "SELECT set_config('app.tenants', %s, true)", (f"{{{shop.tenant_id}}}",)
        )
        opened = await Opener(MASTER_KEYS).open(connection, shop.tenant_id, [note])
    assert opened == {note: CANARY}
    ((wrapped, master),) = shop.ask(
        "SELECT wrapped, master_key FROM defter.subject_keys WHERE tenant_id = %s AND subject = %s",
        shop.tenant_id,
        note.subject,
    )
    key = MASTER_KEYS.unwrap(shop.tenant_id, note.subject, master, wrapped)
    assert note.sealed is not None
    assert unseal(key, shop.tenant_id, note.subject, note.sealed) == CANARY
    assert CANARY.encode() not in wrapped


async def test_a_persons_key_that_was_rolled_back_seals_nothing(module_database_url: str) -> None:
    async with (
        proxied(module_database_url) as (proxy, through),
        open_shop(module_database_url, through=through) as shop,
    ):
        (ada,) = await shop.wallets(1)
        for _ in range(
            2
        ):  # so that nothing is lacking before the lock, and the key is made under it
            await shop.tell(TopUp(ada, lira(1)))
        proxy.lose_commits = 1
        await shop.tell(TopUp(ada, lira(1), note=CANARY))
        assert proxy.lost == 1
        row = shop.rows().events[-1]
        note: Personal | None = getattr(decode(row.type, row.schema, row.data), "note", None)
        assert note is not None
        async with await connect(shop.database_url) as connection, connection.transaction():
            await connection.execute(
                "SELECT set_config('app.tenants', %s, true)", (f"{{{shop.tenant_id}}}",)
            )
            opened = await Opener(MASTER_KEYS).open(connection, shop.tenant_id, [note])
        assert opened == {note: CANARY}
