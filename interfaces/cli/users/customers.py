"""`defter customers`: whom the tenant knows, and how they are reached."""

from typing import Annotated, Any

import typer

from interfaces.cli.terminal.options import ProfileOption
from interfaces.cli.terminal.output import (
    Column,
    FileOption,
    Format,
    FormatOption,
    Report,
    show,
    show_object,
)

COLUMNS = tuple(
    map(
        Column,
        (
            "customer_id",
            "name",
            "email",
            "email_status",
            "phone",
            "locale",
            "status",
            "registered_at",
        ),
    )
)


def add(  # noqa: PLR0913 - the fields of a customer
    *,
    name: Annotated[str | None, typer.Option(help="The customer's name; kept encrypted.")] = None,
    email: Annotated[
        str | None, typer.Option(help="Where receipts go; kept encrypted, one customer's alone.")
    ] = None,
    phone: Annotated[
        str | None,
        typer.Option(help="With its country code; kept encrypted, one customer's alone."),
    ] = None,
    locale: Annotated[str, typer.Option(help="The language of receipts: tr or en.")] = "tr",
    customer_id: Annotated[
        str | None, typer.Option("--id", help="An id of yours, cus_…; else one is made.")
    ] = None,
    idempotency_key: Annotated[
        str | None, typer.Option(help="The same key registers once.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; else only show it.")] = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Register a customer, who gets a wallet. Without --apply nothing is written.

    Example: `defter customers add --name "Ayşe Demir" --email ayse@example.com --apply`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    fields = {"customer_id": customer_id, "name": name, "email": email, "phone": phone}
    fields["locale"] = locale
    given: dict[str, Any] = {key: value for key, value in fields.items() if value is not None}
    if not apply:
        show_object("Customer, not registered", given, output=output)
        typer.echo("nothing was written; add --apply to register them", err=True)
        return
    answer = connect(profile).post("/api/customers", given, idempotency_key=idempotency_key)
    show_object("Customer", {**given, **answer.body}, output=output)


def list_customers(
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List customers. Names and addresses are told to keys with pii.read alone.

    Example: `defter customers list -o csv --to customers.csv`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    rows = [row for page in connect(profile).pages("/api/customers") for row in page.body["items"]]
    show(Report("Customers", COLUMNS, rows), output=output, to=to)


def show_customer(
    customer_id: Annotated[str, typer.Argument(help="The customer's id, cus_…")],
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show a customer, and whether mail reaches them.

    Example: `defter customers show cus_01k3xq8m5w`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    show_object(
        "Customer", connect(profile).get(f"/api/customers/{customer_id}").body, output=output
    )
