"""The sealer: the tree over a log, and the checkpoints that are signed for it (AUD-01, WLT-13)."""

import asyncio
from uuid import UUID, uuid4

import psycopg
import pytest

from domain.audit.merkle import Frontier, check_consistency, check_inclusion, leaf_hash
from infrastructure.identity.signing_keys import SigningKeys
from infrastructure.postgres.connections import connect
from infrastructure.projections.checkpoints import first_sight
from infrastructure.sealing import checkpoints, notes
from infrastructure.sealing.leaves import encoded, opened, read_leaves
from infrastructure.sealing.proofs import NotSealed, prove_consistency, prove_inclusion
from infrastructure.sealing.sealer import EVENTS_PER_STEP, SEALER, run_sealer
from tests.kit.lively.whole import lively
from tests.projections.stepping import until
from tests.sealing.logs import MASTER_KEYS, fill, look, seal, sealer, sealing_keys

pytestmark = pytest.mark.row("AUD-01")

LONG = 4 * EVENTS_PER_STEP + 70
NO_VALKEY = "redis://127.0.0.1:1/0"


async def publics(keys: SigningKeys) -> list[bytes]:
    return [notes.raw(key.public_key()) for _, key in await keys.signing_all()]


def forged(database_url: str, statement: str, *values: object) -> None:
    """Do what only a superuser can who also switches the triggers off."""
    with psycopg.connect(database_url) as owner:
        owner.execute("ALTER TABLE defter.events DISABLE TRIGGER ALL")
        owner.execute(statement.encode(), values)
        owner.execute("ALTER TABLE defter.events ENABLE ALWAYS TRIGGER append_only")


def tree_over(leaves: list[bytes]) -> Frontier:
    tree = Frontier()
    for leaf in leaves:
        tree.add(leaf_hash(leaf))
    return tree


async def test_a_leaf_is_the_whole_row_as_the_handbook_lays_it_out(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    async with await seal(database_url, log.tenant_id) as connection:
        leaves = await read_leaves(connection, log.tenant_id, after=0, last=10_000)
        assert [encoded(opened(leaf)) for leaf in leaves] == leaves
        rows = await connection.execute(
            "SELECT tenant_id, position, event_id, stream, version, type, schema, recorded_at,"
            " data, meta FROM defter.events ORDER BY position"
        )
        assert [tuple(opened(leaf)) for leaf in leaves] == await rows.fetchall()


async def test_where_nothing_stands_there_is_no_leaf(database_url: str) -> None:
    tenant_id = uuid4()
    fill(database_url, tenant_id, 1, 3)
    async with await seal(database_url, tenant_id) as connection:
        assert await read_leaves(connection, tenant_id, after=3, last=100) == []
        assert len(await read_leaves(connection, tenant_id, after=1, last=2)) == 1


async def test_a_checkpoint_says_the_root_over_all_events_and_is_signed(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    async with await seal(database_url, log.tenant_id) as connection:
        leaves = await read_leaves(connection, log.tenant_id, after=0, last=10_000)
        sealed = await checkpoints.latest(connection, log.tenant_id)
        assert sealed is not None
        assert (sealed.size, sealed.root) == (len(log.events), tree_over(leaves).root())
        told = notes.believed(sealed.note, await publics(sealing_keys(database_url)))
        origin = f"defter/{log.tenant_id}"
        assert told == notes.Checkpoint(origin, sealed.size, sealed.root)
        with pytest.raises(notes.NoteWrong, match="no known key"):
            notes.believed(sealed.note.replace(f"\n{sealed.size}\n", "\n1\n"), [])


@pytest.fixture(scope="module")
def long_log(module_database_url: str) -> UUID:
    tenant_id = uuid4()
    fill(module_database_url, tenant_id, 1, LONG)
    return tenant_id


async def test_a_long_log_has_the_same_tree_in_steps_and_is_proven_everywhere(
    module_database_url: str, long_log: UUID
) -> None:
    async with await seal(module_database_url, long_log) as connection:
        leaves = await read_leaves(connection, long_log, after=0, last=LONG)
        hashes = [leaf_hash(leaf) for leaf in leaves]
        signed = await checkpoints.after(connection, long_log, 0, limit=100)
        assert [one.size for one in signed] == [
            *range(EVENTS_PER_STEP, LONG, EVENTS_PER_STEP),
            LONG,
        ]
        assert signed[-1].root == tree_over(leaves).root()
        for position in (1, 2, 255, 256, 257, 30_000, 65_536, 65_537, LONG - 1, LONG):
            proof = await prove_inclusion(connection, long_log, position)
            assert proof.leaf == leaves[position - 1]
            at = position - 1
            check_inclusion(hashes[at], at, LONG, proof.path, proof.checkpoint.root)
        for old in signed:
            proven = await prove_consistency(connection, long_log, old.size)
            check_consistency(old.size, LONG, old.root, signed[-1].root, proven.path)


async def test_growing_step_by_step_and_after_a_restart_leads_to_the_same_tree(
    database_url: str,
) -> None:
    tenant_id, last = uuid4(), 0
    working = sealer(database_url)
    for more in (1, 200, 56, 255, 1, 1, 300):
        fill(database_url, tenant_id, last + 1, last + more)
        last += more
        if more == 1:
            working = sealer(database_url)
        async with await seal(database_url, tenant_id, working) as connection:
            leaves = await read_leaves(connection, tenant_id, after=0, last=last)
            sealed = await checkpoints.latest(connection, tenant_id)
            assert sealed is not None
            assert (sealed.size, sealed.root) == (last, tree_over(leaves).root())


async def test_what_was_sealed_under_an_older_size_is_proven_for_it(database_url: str) -> None:
    tenant_id = uuid4()
    working = sealer(database_url)
    for first, last in ((1, 300), (301, 700)):
        fill(database_url, tenant_id, first, last)
        await (await seal(database_url, tenant_id, working)).close()
    async with await connect(database_url) as connection:
        await look(connection, tenant_id)
        old = await prove_inclusion(connection, tenant_id, 17, size=300)
        assert old.checkpoint.size == 300
        check_inclusion(leaf_hash(old.leaf), 16, 300, old.path, old.checkpoint.root)
        with pytest.raises(NotSealed, match="up to position 700"):
            await prove_inclusion(connection, tenant_id, 701)


async def test_two_sealers_never_fork_a_log(database_url: str) -> None:
    tenants = [uuid4() for _ in range(3)]
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(run_sealer(database_url, NO_VALKEY, MASTER_KEYS, stop))
        for _ in range(2)
    ]
    for at in range(1, 400, 40):
        for tenant_id in tenants:
            await asyncio.to_thread(fill, database_url, tenant_id, at, at + 39)

    def sealed() -> bool:
        with psycopg.connect(database_url) as owner:
            found = owner.execute(
                "SELECT tenant_id, max(size) FROM defter.log_checkpoints GROUP BY 1"
            )
            return dict(found.fetchall()) == dict.fromkeys(tenants, 400)

    await until(sealed)
    stop.set()
    await asyncio.gather(*tasks)
    async with await connect(database_url) as connection:
        for tenant_id in tenants:
            await look(connection, tenant_id)
            leaves = await read_leaves(connection, tenant_id, after=0, last=400)
            tree = Frontier()
            for one in await checkpoints.after(connection, tenant_id, 0, limit=100):
                while tree.size < one.size:
                    tree.add(leaf_hash(leaves[tree.size]))
                assert tree.root() == one.root
            await connection.execute("COMMIT")


async def test_both_keys_of_a_rotation_sign_until_the_old_one_is_retired(
    database_url: str,
) -> None:
    tenant_id, keys = uuid4(), sealing_keys(database_url)
    [old] = await publics(keys)
    kid = (await keys.signing_all())[0][0]
    signed: list[str] = []
    for number, change in enumerate((None, keys.rotate, lambda: keys.retire(kid))):
        if change is not None:
            await change()
        fill(database_url, tenant_id, number + 1, number + 1)
        async with await seal(database_url, tenant_id) as connection:
            sealed = await checkpoints.latest(connection, tenant_id)
            assert sealed is not None
            signed.append(sealed.note)
    [new] = await publics(keys)
    for note, by in zip(signed, ([old], [old, new], [new]), strict=True):
        for public in by:
            notes.believed(note, [public])
        for public in {old, new} - set(by):
            with pytest.raises(notes.NoteWrong):
                notes.believed(note, [public])


async def test_nothing_is_signed_for_a_log_that_changed_under_its_seal(database_url: str) -> None:
    tenant_id = uuid4()
    fill(database_url, tenant_id, 1, 300)
    await (await seal(database_url, tenant_id)).close()
    forged(database_url, "UPDATE defter.events SET data = '{}' WHERE position = 299")
    fill(database_url, tenant_id, 301, 310)
    async with await connect(database_url) as connection:
        step = await sealer(database_url).advance(connection, tenant_id)
        assert step.parked == (SEALER,)
        await look(connection, tenant_id)
        sealed = await checkpoints.latest(connection, tenant_id)
        assert sealed is not None
        assert sealed.size == 300


async def test_nothing_is_signed_across_a_gap(database_url: str) -> None:
    tenant_id = uuid4()
    fill(database_url, tenant_id, 1, 10)
    fill(database_url, tenant_id, 12, 20)
    async with await connect(database_url) as connection:
        await first_sight(connection, tenant_id, [SEALER])
        assert (await sealer(database_url).advance(connection, tenant_id)).parked == (SEALER,)
        await look(connection, tenant_id)
        assert await checkpoints.latest(connection, tenant_id) is None
