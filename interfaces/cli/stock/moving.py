"""`defter stock`: move stock, transfer it, say how it is handled."""

from typing import Annotated, Any

import typer

from interfaces.cli.remote.dry_run import send
from interfaces.cli.stock.looking import PATH
from interfaces.cli.terminal.options import ApplyOption, ProfileOption
from interfaces.cli.terminal.output import Format, FormatOption, show_object

VariantArgument = Annotated[str, typer.Argument(help="The variant's id, var_…")]
AtOption = Annotated[str, typer.Option("--location", help="main, or loc_…", metavar="ID")]
ReferenceOption = Annotated[
    str | None, typer.Option(help="The paper it is about, such as a delivery note.")
]


def move(  # noqa: PLR0913 - the fields of a movement
    variant: VariantArgument,
    quantity: Annotated[int, typer.Argument(help="Units; a correction may take some away: -- -3")],
    reason: Annotated[
        str, typer.Argument(help="received, returned, found, damaged, lost or corrected.")
    ],
    *,
    location: AtOption = "main",
    reference: ReferenceOption = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Let units come or go; the reason says which. Without --apply nothing is written.

    Example: `defter stock move var_01k3xq8m5w 20 received --reference delivery-4711 --apply`
    """
    body: dict[str, Any] = {
        "variant_id": variant,
        "location_id": location,
        "quantity": quantity,
        "reason": reason,
    }
    if reference is not None:
        body["reference"] = reference
    told = f"{quantity} units of {variant} would be {reason} at {location}"
    made = send("POST", f"{PATH}/movements", body, told=told, apply=apply, profile=profile)
    if made is not None:
        show_object("Moved", {"movement_id": made["movement_id"], **made["stock"]}, output=output)


def transfer(  # noqa: PLR0913 - the fields of a transfer
    variant: VariantArgument,
    quantity: Annotated[int, typer.Argument(help="Units.")],
    to_location: Annotated[str, typer.Argument(help="Where to: main, or loc_…")],
    *,
    location: AtOption = "main",
    reference: ReferenceOption = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Transfer units to another location. Without --apply nothing is written.

    Example: `defter stock transfer var_01k3xq8m5w 5 loc_shop --apply`
    """
    body: dict[str, Any] = {
        "from_location": location,
        "to_location": to_location,
        "lines": [{"variant_id": variant, "quantity": quantity}],
    }
    if reference is not None:
        body["reference"] = reference
    told = f"{quantity} units of {variant} would go from {location} to {to_location}"
    made = send("POST", f"{PATH}/transfers", body, told=told, apply=apply, profile=profile)
    if made is not None:
        show_object("Transferred", {"movement_id": made["movement_ids"][0]}, output=output)


def set_policy(  # noqa: PLR0913 - the fields of a policy
    variant: VariantArgument,
    *,
    location: AtOption = "main",
    safety: Annotated[int, typer.Option(help="Units that are never sold.")] = 0,
    low_at: Annotated[int, typer.Option(help="It is low from so many available units on.")] = 0,
    backorder: Annotated[
        bool, typer.Option("--backorder", help="Sell more than is there.")
    ] = False,
    backorder_limit: Annotated[
        int | None, typer.Option(help="How many more; else any number.")
    ] = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Say how a variant is handled at a location: all of it. Without --apply nothing is written.

    Example: `defter stock policy var_01k3xq8m5w --low-at 10 --safety 2 --apply`
    """
    body: dict[str, Any] = {
        "safety": safety,
        "low_at": low_at,
        "backorder": backorder,
        "backorder_limit": backorder_limit,
    }
    told = f"{variant} at {location} would have {body}"
    path = f"{PATH}/{variant}/{location}/policy"
    made = send("PUT", path, body, told=told, apply=apply, profile=profile)
    if made is not None:
        show_object("Handled", made, output=output)
