"""AUD-03: an auditor's role sees one tenant, no secret and no neighbour, and changes nothing."""

from typing import LiteralString

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, ReadOnlySqlTransaction
from psycopg.sql import SQL, Identifier

from tests.postgres.audited import Books, audited, look, owner, tables, tenants_in

__all__ = ["audited", "look", "owner"]
pytestmark = pytest.mark.row("AUD-03")

SEEN = {"events", "events_json", "checkpoints", "refusals", "log_roots", "log_checkpoints"}
HIDDEN = {
    "alembic_version": "of no tenant",
    "assets": "what everybody sees in the shop, by its hash",
    "auditors": "who else looks",
    "claims": "keyed hashes of what persons are found by",
    "commands": "answers as callers got them; what they did is in the log",
    "credentials": "secret",
    "effect_attempts": "what servers outside said",
    "effects": "the service's own work",
    "faults": "of no tenant",
    "import_rows": "what became of rows; what they did is in the log",
    "imports": "files as they were given, and the service's own work",
    "log_cosignatures": "given out with the checkpoints, over REST",
    "log_head": "a lock",
    "login_attempts": "who is guessed at",
    "mailed_links": "secret",
    "milestones": "a cache of what the log says",
    "person_tokens": "hashes of persons' words",
    "refresh_tokens": "secret",
    "search_recent": "what customers looked for, sealed with their keys",
    "search_terms": "counts of what was looked for; no fact of the log",
    "schedules": "of no tenant",
    "signing_keys": "secret",
    "snapshots": "a cache of what the log says",
    "subject_keys": "secret",
    "timers": "the service's own work",
}
"""Everything beside the read models, which are seen as they are; a new table has to be decided."""


def test_every_table_is_decided(owner: psycopg.Connection) -> None:
    assert tables(owner, "defter") == SEEN | set(HIDDEN)


def test_what_is_hidden_is_refused_whatever_is_in_it(look: psycopg.Connection) -> None:
    for table in HIDDEN:
        with pytest.raises(InsufficientPrivilege, match="permission denied"):
            look.execute(SQL("SELECT FROM defter.{} LIMIT 1").format(Identifier(table)))


def test_of_every_table_the_own_rows_are_seen_and_no_neighbours(
    audited: Books, look: psycopg.Connection, owner: psycopg.Connection
) -> None:
    every = [("defter", one) for one in SEEN]
    every += [("read_models", one) for one in tables(owner, "read_models")]
    assert len(every) > 30
    filled = 0
    for schema, table in every:
        stored = tenants_in(owner, schema, table)
        assert tenants_in(look, schema, table) == stored & {audited.mine.tenant_id}, table
        filled += audited.neighbour.tenant_id in stored
    assert filled > 20


def test_the_log_is_seen_whole_and_as_json(audited: Books, look: psycopg.Connection) -> None:
    assert look.execute("SELECT count(*), max(position) FROM events").fetchone() == (
        len(audited.mine.events),
        len(audited.mine.events),
    )
    row = look.execute(
        "SELECT data ->> 'base_currency', meta ->> 'actor' FROM events_json WHERE position = 1"
    ).fetchone()
    assert row == ("TRY", "stf_deniz")


def test_no_read_model_holds_a_secret_of_a_tenant(owner: psycopg.Connection) -> None:
    sounding = owner.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'read_models'"
        " AND column_name ~ '(hash|secret|token|password|wrapped|code_)' ORDER BY 1, 2"
    ).fetchall()
    assert [(table.rpartition("_v")[0], column) for table, column in sounding] == [
        ("channels_endpoints", "old_secret_until"),
        ("tenant_keys", "key_hash"),  # of the platform's log, which no auditor sees
    ]


WRITES = (
    "INSERT INTO {table} SELECT * FROM {table}",
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "SELECT FROM {table} FOR SHARE",
    "TRUNCATE {table}",
    "DROP TABLE {table}",
    "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "LOCK TABLE {table} IN ROW EXCLUSIVE MODE",
)


@pytest.mark.parametrize("write", WRITES)
def test_every_write_to_every_table_is_refused(
    look: psycopg.Connection, owner: psycopg.Connection, write: LiteralString
) -> None:
    look.execute("SET default_transaction_read_only = off")
    every = owner.execute(
        "SELECT table_schema, table_name, column_name FROM information_schema.columns"
        " WHERE table_schema IN ('defter', 'read_models') AND ordinal_position = 1"
        " AND table_name <> 'events_json'"
    ).fetchall()
    assert len(every) > 45
    for schema, table, column in every:
        words = SQL(write).format(table=Identifier(schema, table), column=Identifier(column))
        with pytest.raises(InsufficientPrivilege), look.transaction():
            look.execute(words)


def test_only_reading_is_what_a_session_begins_with(look: psycopg.Connection) -> None:
    with pytest.raises(ReadOnlySqlTransaction):
        look.execute("CREATE TEMPORARY TABLE mine (n int)")
    shown = "SELECT current_setting('statement_timeout'), current_setting('search_path')"
    assert look.execute(shown).fetchone() == ("5min", "defter, read_models")


MAKING = (
    "UPDATE events_json SET position = 1",
    "DELETE FROM events_json",
    "CREATE TEMPORARY TABLE mine (n int)",
    "CREATE TABLE mine (n int)",
    "CREATE TABLE public.mine (n int)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION read_models.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE ROLE mine",
    "ALTER ROLE {role} BYPASSRLS",
    "ALTER ROLE {role} CONNECTION LIMIT 100",
    "ALTER ROLE {role} VALID UNTIL 'infinity'",
    "SET ROLE defter_app",
    "SET ROLE defter_directory",
    "SET SESSION AUTHORIZATION defter_app",
    "GRANT defter_app TO {role}",
    "SELECT * FROM defter.log_ends()",
    "SELECT * FROM read_models.behind(ARRAY['x'])",
    "SELECT defter.prune_refusals(10)",
    "SELECT pg_read_file('/etc/hostname')",
    "SELECT rolpassword FROM pg_authid",
    "COPY (SELECT 1) TO PROGRAM 'true'",
)


@pytest.mark.parametrize("words", MAKING)
def test_nothing_is_made_and_no_other_role_is_taken(
    audited: Books, look: psycopg.Connection, words: str
) -> None:
    look.execute("SET default_transaction_read_only = off")
    with pytest.raises(InsufficientPrivilege):
        look.execute(words.format(role=audited.role).encode())


@pytest.mark.parametrize(
    "words",
    [
        "SELECT set_config('app.tenants', '{{{tenant}}}', false)",
        "SELECT set_config('app.tenants', '', false)",
        "SET ROLE defter_auditor",
        "SET search_path = pg_temp, public",
        "SET row_security = on",
    ],
)
def test_settings_and_the_group_show_no_more(
    audited: Books, look: psycopg.Connection, words: str
) -> None:
    look.execute(words.format(tenant=audited.neighbour.tenant_id).encode())
    assert tenants_in(look, "defter", "events") == {audited.mine.tenant_id}
    assert tenants_in(look, "defter", "events_json") == {audited.mine.tenant_id}
    assert tenants_in(look, "read_models", "ledger_lines_v2") == {audited.mine.tenant_id}


def test_row_security_can_not_be_left_out(look: psycopg.Connection) -> None:
    look.execute("SET row_security = off")
    with pytest.raises(InsufficientPrivilege, match="row-level security"):
        look.execute("SELECT FROM defter.events")


def test_statistics_tell_nothing_of_neighbours(
    look: psycopg.Connection, owner: psycopg.Connection
) -> None:
    owner.execute("ANALYZE")
    assert look.execute(
        "SELECT count(*) FROM pg_stats WHERE schemaname IN ('defter', 'read_models')"
    ).fetchone() == (0,)


def test_the_tenant_is_looked_up_once_for_a_query(look: psycopg.Connection) -> None:
    plan = look.execute("EXPLAIN SELECT data FROM events WHERE position = 7").fetchall()
    told = "\n".join(line for (line,) in plan)
    assert "InitPlan" in told
    assert "Index Cond: ((tenant_id = " in told
