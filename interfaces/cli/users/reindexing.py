"""`defter customers reindex`: make the words anew by which customers are found."""

from typing import Annotated, Any

import typer

from interfaces.cli.operations.access import connected, settings_of
from interfaces.cli.terminal.options import DATA_FOLDER, DatabaseOption, DataOption, TenantOption


def reindex(
    *,
    tenant: TenantOption = None,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; else only show it.")] = False,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Index customers anew, of one tenant or of all. Needed after an upgrade, or a restored backup.

    Customers are found by keyed hashes of the beginnings of their names, addresses and numbers;
    a process keeps them up to date, so this only fills in what it never saw. Searches go on.

    Example: `defter customers reindex --tenant shop --apply`
    """
    from infrastructure.event_log.keyring import MasterKeys  # noqa: PLC0415 - `--help` stays quick
    from infrastructure.onboarding import tenant_id_of  # noqa: PLC0415 - as above
    from infrastructure.users import reindexing  # noqa: PLC0415 - as above

    settings = settings_of(database_url, data)
    master_keys = MasterKeys(*settings.master_key_bytes)

    async def work(connection: Any) -> tuple[int, int]:  # noqa: ANN401 - psycopg's
        named = [tenant_id_of(tenant)] if tenant else await reindexing.tenants_of(connection)
        persons = await reindexing.reindex(connection, master_keys, named) if apply else 0
        return len(named), persons

    tenants, persons = connected(work, settings.database_url.get_secret_value(), data)
    if apply:
        typer.echo(f"{persons:,} customers of {tenants:,} tenants were indexed")
    else:
        typer.echo(f"nothing was written; add --apply to index {tenants:,} tenants", err=True)
