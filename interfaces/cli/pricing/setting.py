"""`defter prices`: set a price, schedule one, take it back."""

from typing import Annotated, Any

import typer

from interfaces.cli.pricing.seeing import OF_VARIANT, PRICES, VariantArgument
from interfaces.cli.remote.dry_run import send
from interfaces.cli.terminal.options import ApplyOption, ProfileOption
from interfaces.cli.terminal.output import Format, FormatOption, show_object

STANDARD = "standard"

AmountArgument = Annotated[str, typer.Argument(help="What one unit costs, such as 129.90.")]
CurrencyArgument = Annotated[str, typer.Argument(help="ISO 4217, such as TRY.")]
ListOption = Annotated[str, typer.Option("--list", help="The price list.")]
QuantityOption = Annotated[
    int, typer.Option("--from-quantity", help="For whoever buys at least so many.", min=1)
]
CrossedOutOption = Annotated[
    str | None, typer.Option(help="What is shown crossed out beside it, such as 159.90.")
]
BEGINS, ENDS = "When it begins (2026-11-27T00:00:00+03:00).", "When it ends; else it stays."


def set_price(  # noqa: PLR0913 - the fields of a price
    variant_id: VariantArgument,
    amount: AmountArgument,
    currency: CurrencyArgument,
    *,
    crossed_out: CrossedOutOption = None,
    price_list: ListOption = STANDARD,
    quantity: QuantityOption = 1,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Say what a variant costs from now on. Without --apply nothing is written.

    Example: `defter prices set var_01k3xq8m5w 129.90 TRY --crossed-out 159.90 --apply`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    client = connect(profile)
    place = {"price_list_id": price_list, "minimum_quantity": quantity}
    asked = {"variant_id": variant_id, "price_list_id": price_list}
    known = client.get(PRICES, **asked).body["items"]
    before = [one["amount"] for one in known if one["minimum_quantity"] == quantity]
    price = _price(amount, crossed_out, currency)
    told: dict[str, Any] = {
        "variant_id": variant_id,
        **place,
        "before": _written(before[0]) if before else "no price",
        "from_now_on": _written(price["amount"]),
        "crossed_out": _written(price["list_price"]) if price["list_price"] else "nothing",
    }
    if not apply:
        show_object("Price, not set", told, output=output)
        typer.echo("nothing was written; add --apply to set it", err=True)
        return
    client.post(PRICES, {"variant_id": variant_id, **place, **price})
    show_object("Price", told, output=output)


def remove(  # noqa: PLR0913 - the options of a command
    variant_id: VariantArgument,
    *,
    price_list: ListOption = STANDARD,
    quantity: QuantityOption = 1,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Take a price of a variant away. Without --apply nothing is written.

    Example: `defter prices remove var_01k3xq8m5w --list plt_dealers --from-quantity 10 --apply`
    """
    place = {"price_list_id": price_list, "minimum_quantity": quantity}
    body = {"variant_id": variant_id, "amount": None, **place}
    told = f"{variant_id} would have no price in {price_list} from {quantity} on"
    answer = send("POST", PRICES, body, told=told, apply=apply, profile=profile)
    if answer is not None:
        show_object("Price, taken away", answer, output=output)


def schedule(  # noqa: PLR0913 - the fields of a scheduled price
    variant_id: VariantArgument,
    amount: AmountArgument,
    currency: CurrencyArgument,
    *,
    begins_at: Annotated[str, typer.Option("--from", help=BEGINS, metavar="TIME")],
    ends_at: Annotated[str | None, typer.Option("--until", help=ENDS, metavar="TIME")] = None,
    crossed_out: CrossedOutOption = None,
    price_list: ListOption = STANDARD,
    quantity: QuantityOption = 1,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Let a variant cost something else for a time to come. Without --apply nothing is written.

    Example: `defter prices schedule var_01k3xq8m5w 99.90 TRY --from 2026-11-27T00:00:00+03:00
    --until 2026-11-30T00:00:00+03:00 --apply`
    """
    body: dict[str, Any] = {
        **_price(amount, crossed_out, currency),
        "begins_at": begins_at,
        "ends_at": ends_at,
        "price_list_id": price_list,
        "minimum_quantity": quantity,
    }
    until = f"until {ends_at}" if ends_at else "for good"
    told = f"{variant_id} would cost {_written(body['amount'])} from {begins_at} {until}"
    path = f"{OF_VARIANT}/{variant_id}/price-schedules"
    answer = send("POST", path, body, told=told, apply=apply, profile=profile)
    if answer is not None:
        show_object("Schedule", answer, output=output)


def cancel_schedule(
    variant_id: VariantArgument,
    schedule_id: Annotated[str, typer.Argument(metavar="SCHEDULE", help="The schedule, sch_…")],
    *,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Take a scheduled price back; one that holds already ends. Else it is only told.

    Example: `defter prices cancel-schedule var_01k3xq8m5w sch_01k3xq8m5w --apply`
    """
    path = f"{OF_VARIANT}/{variant_id}/price-schedules/{schedule_id}"
    told = f"{schedule_id} would be taken back, or ended if it holds"
    answer = send("DELETE", path, {}, told=told, apply=apply, profile=profile)
    if answer is not None:
        show_object("Schedule, over", answer, output=output)


def _price(amount: str, crossed_out: str | None, currency: str) -> dict[str, Any]:
    from interfaces.cli.terminal.amounts import minor_of  # noqa: PLC0415 - `--help` stays quick

    def read(text: str) -> dict[str, Any]:
        return {"minor": minor_of(text, currency), "currency": currency}

    return {
        "amount": read(amount),
        "list_price": None if crossed_out is None else read(crossed_out),
    }


def _written(money: dict[str, Any]) -> str:
    from interfaces.cli.terminal.amounts import written  # noqa: PLC0415 - `--help` stays quick

    return f"{written(money['minor'], money['currency'])} {money['currency']}"
