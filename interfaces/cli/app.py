"""The `defter` command: its groups, its options, and how it ends."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from interfaces.cli.audit import (
    access,
    export,
    history,
    proofs,
    rebuilding,
    replay,
    states,
    trail,
    witnesses,
)
from interfaces.cli.audit import verify as log_check
from interfaces.cli.catalog import importing
from interfaces.cli.channels import webhooks
from interfaces.cli.demo.command import demo
from interfaces.cli.identity import roles, signing_keys
from interfaces.cli.identity import staff as people
from interfaces.cli.ledger import closing, reports
from interfaces.cli.ledger.verify import verify
from interfaces.cli.operations import (
    effects,
    errors,
    events,
    logs,
    master_keys,
    projections,
    running,
    schedules,
)
from interfaces.cli.pricing import seeing as prices
from interfaces.cli.pricing import setting as price_setting
from interfaces.cli.remote.login import login
from interfaces.cli.stock import locating as stock_locations
from interfaces.cli.stock import looking as stock
from interfaces.cli.stock import moving as stock_moving
from interfaces.cli.stock import takes as stock_takes
from interfaces.cli.tenants import creating, keys, settings
from interfaces.cli.tenants import standing as tenant_standing
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.visible import visible
from interfaces.cli.users import care, customers, reindexing
from interfaces.cli.wallet import (
    adjustments,
    bonus,
    gift_cards,
    limits,
    requests,
    standing,
    wallets,
)

RUN, FINANCE, SHOP, OPERATE = "Run", "Finance", "Shop", "Operate"

app = typer.Typer(
    name="defter",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
    epilog="Exit codes: 0 ok · 1 failed · 2 usage · 3 differences found · 4 tampering found ·"
    " 5 source incomplete · 6 refused",
)


@app.callback()
def defter(
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Run a commerce backend whose books always balance, and read them.

    Begin with `defter serve`: it starts everything and prints what to do next.
    """


def _group(name: str, panel: str | None, text: str, *, within: typer.Typer = app) -> typer.Typer:
    group = typer.Typer(no_args_is_help=True)
    within.add_typer(group, name=name, help=text, rich_help_panel=panel)
    return group


app.command(rich_help_panel=RUN)(running.serve)
app.command(rich_help_panel=RUN)(demo)
app.command(rich_help_panel=RUN, context_settings={"ignore_unknown_options": True})(running.bench)

app.command(rich_help_panel=FINANCE)(login)
ledger = _group("ledger", FINANCE, "Accounts, registers, trial balance, months, and their proof.")
ledger.command()(reports.accounts)
ledger.command()(reports.balance)
ledger.command()(reports.register)
ledger.command("trial-balance")(reports.trial_balance)
ledger.command()(closing.periods)
ledger.command()(closing.close)
ledger.command("cancel-closing")(closing.cancel_closing)
ledger.command("reopen-request")(closing.reopen_request)
ledger.command()(closing.reopen)
ledger.command()(verify)
wallet = _group("wallet", FINANCE, "Wallets: look at them, enter money, decide requests, freeze.")
wallet.command("show")(wallets.show_wallet)
wallet.command("balance")(wallets.show_balance)
wallet.command()(wallets.statement)
wallet.command("top-up")(wallets.top_up)
wallet.command("grant-bonus")(bonus.grant_bonus)
wallet.command()(standing.freeze)
wallet.command()(standing.unfreeze)
wallet.command()(standing.close)
wallet.command()(adjustments.adjust)
wallet.command("requests")(requests.list_requests)
wallet.command()(requests.approve)
wallet.command()(requests.reject)
wallet.command()(requests.paid)
wallet.command()(requests.bounced)
wallet.command()(requests.payouts)
wallet.command()(requests.threshold)
wallet.command("step-up")(requests.step_up)
customer_group = _group("customers", FINANCE, "Whom the tenant knows: find, show, export, erase.")
customer_group.command()(customers.add)
customer_group.command("list")(customers.list_customers)
customer_group.command("show")(customers.show_customer)
customer_group.command()(care.find)
customer_group.command()(care.overview)
customer_group.command()(care.consents)
customer_group.command()(care.export)
customer_group.command()(care.erase)
customer_group.command()(reindexing.reindex)
cards = _group("gift-cards", FINANCE, "Gift cards: list, issue, void.", within=wallet)
cards.command("list")(gift_cards.list_cards)
cards.command()(gift_cards.issue)
cards.command()(gift_cards.void)
limit_group = _group("limits", FINANCE, "How much people may move, by level.", within=wallet)
limit_group.command("show")(limits.show_limits)
limit_group.command("set")(limits.set_limits)
limit_group.command("level")(limits.set_level)
price_group = _group("prices", FINANCE, "What things cost: see, set, schedule; tax rates.")
price_group.command("list")(prices.list_prices)
price_group.command("lists")(prices.list_lists)
price_group.command("set")(price_setting.set_price)
price_group.command()(price_setting.remove)
price_group.command()(price_setting.schedule)
price_group.command("cancel-schedule")(price_setting.cancel_schedule)
price_group.command()(prices.history)
price_group.command("tax-rates")(prices.tax_rates)
catalog_group = _group("catalog", SHOP, "What is sold: import, export, list, show.")
catalog_group.command("import")(importing.import_file)
catalog_group.command("export")(importing.export_file)
catalog_group.command("list")(importing.list_products)
catalog_group.command("show")(importing.show_product)
stock_group = _group("stock", SHOP, "Stock: what stands where, what moved, what runs out.")
stock_group.command("list")(stock.list_stock)
stock_group.command("alerts")(stock.list_alerts)
stock_group.command("movements")(stock.list_movements)
stock_group.command("move")(stock_moving.move)
stock_group.command("transfer")(stock_moving.transfer)
stock_group.command("policy")(stock_moving.set_policy)
stock_group.command("reservations")(stock.list_reservations)
stock_group.command("locations")(stock.list_locations)
stock_group.command("open-location")(stock_locations.open_location)
stock_group.command("close-location")(stock_locations.close_location)
stock_group.command("reopen-location")(stock_locations.reopen_location)
takes = _group("take", SHOP, "Stock-takes: count, and let the books follow.", within=stock_group)
takes.command("list")(stock_takes.list_takes)
takes.command("show")(stock_takes.show_take)
takes.command("start")(stock_takes.start)
takes.command("count")(stock_takes.count)
takes.command("close")(stock_takes.close)
takes.command("cancel")(stock_takes.cancel)
webhook_group = _group("webhooks", FINANCE, "Where events are sent, what became of them, replay.")
webhook_group.command("list")(webhooks.list_endpoints)
webhook_group.command()(webhooks.add)
webhook_group.command()(webhooks.rotate)
webhook_group.command()(webhooks.activate)
webhook_group.command()(webhooks.deactivate)
webhook_group.command()(webhooks.remove)
webhook_group.command()(webhooks.ping)
webhook_group.command()(webhooks.deliveries)
webhook_group.command()(webhooks.replay)
event_group = _group("events", FINANCE, "What happened, as the log holds it.")
event_group.command("list")(events.list_events)
audit_group = _group("audit", FINANCE, "What happened, how things stood then, and the proof of it.")
audit_group.command()(history.log)
audit_group.command("show")(history.show_event)
audit_group.command()(states.diff)
audit_group.command()(states.at)
audit_group.command()(states.blame)
audit_group.command()(trail.refusals)
audit_group.command()(export.export)
audit_group.command()(proofs.checkpoints)
audit_group.command()(proofs.checkpoint)
audit_group.command()(proofs.consistency)
audit_group.command()(proofs.proof)
audit_group.command("keys")(proofs.sealing_keys)
access_group = _group(
    "access", None, "Who reads the database itself: grant, list, revoke.", within=audit_group
)
access_group.command()(access.grant)
access_group.command("list")(access.list_access)
access_group.command()(access.revoke)
audit_group.command()(rebuilding.rows)
audit_group.command()(replay.replay)
audit_group.command()(log_check.verify)
audit_group.command()(witnesses.witnesses)

app.command(rich_help_panel=OPERATE)(running.api)
app.command(rich_help_panel=OPERATE)(running.projector)
app.command(rich_help_panel=OPERATE)(running.scheduler)
app.command(rich_help_panel=OPERATE)(running.worker)
app.command(rich_help_panel=OPERATE)(running.migrate)
app.command(rich_help_panel=OPERATE)(running.config)
tenants = _group("tenants", OPERATE, "Who trades here.")
tenants.command()(creating.create)
tenants.command("add-domain")(creating.add_domain)
tenants.command("list")(tenant_standing.list_tenants)
tenants.command()(tenant_standing.suspend)
tenants.command()(tenant_standing.reactivate)
platform = _group("platform-admin", OPERATE, "Who creates and suspends tenants.")
platform.command("add")(creating.add_platform_admin)
staff = _group("staff", OPERATE, "Who works for a tenant: list, invite, roles, suspend.")
staff.command("add")(creating.add_staff)
staff.command("list")(people.list_staff)
staff.command()(people.invite)
staff.command("roles")(people.assign_roles)
staff.command()(people.suspend)
staff.command()(people.reactivate)
role_group = _group("roles", OPERATE, "What staff may do: list, define, remove.")
role_group.command("list")(roles.list_roles)
role_group.command()(roles.permissions)
role_group.command()(roles.define)
role_group.command()(roles.remove)
setting_group = _group("settings", OPERATE, "A tenant's settings: show, set.")
setting_group.command("show")(settings.show_settings)
setting_group.command("set")(settings.set_setting)
key_group = _group("keys", OPERATE, "A tenant's API keys: issue, list, rotate, revoke.")
key_group.command()(keys.issue)
key_group.command("list")(keys.list_keys)
key_group.command()(keys.rotate)
key_group.command()(keys.revoke)
master_key_group = _group("master-keys", OPERATE, "The keys that wrap all others: rotate.")
master_key_group.command()(master_keys.rewrap)
identity = _group("identity", OPERATE, "The keys that sign tokens and checkpoints.")
identity.command("signing-keys")(signing_keys.list_keys)
identity.command("rotate-signing-key")(signing_keys.rotate)
identity.command("retire-signing-key")(signing_keys.retire)
read_models = _group("projections", OPERATE, "The read models: lag, parking, rebuild.")
read_models.command("list")(projections.list_projections)
read_models.command()(projections.retry)
read_models.command()(projections.skip)
read_models.command()(projections.rebuild)
effect_group = _group("effects", OPERATE, "What is to be done outside: list, retry, discard.")
effect_group.command("list")(effects.list_effects)
effect_group.command()(effects.retry)
effect_group.command()(effects.discard)
error_group = _group("errors", OPERATE, "What broke in the service: list, show, resolve, ignore.")
error_group.command("list")(errors.list_errors)
error_group.command("show")(errors.show_error)
error_group.command()(errors.resolve)
error_group.command()(errors.ignore)
error_group.command()(errors.reopen)
log_group = _group("logs", OPERATE, "Recent log lines.")
log_group.command()(logs.search)
schedule_group = _group("schedules", OPERATE, "What runs by the calendar: list, run.")
schedule_group.command("list")(schedules.list_schedules)
schedule_group.command()(schedules.run)


def main(words: Sequence[str]) -> int:
    """Run one command and give its exit code."""
    debug = "--debug" in words
    try:
        app(list(words), prog_name="defter")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else Exit.OK
    except Stopped as stopped:
        if debug:
            raise
        return _end(stopped.message, stopped.then, code=stopped.code)
    except Exception as error:
        # The last line of defence: people get no traceback.
        if debug:
            raise
        return _end(f"it failed: {_told(error)}", "`defter --debug …` shows where")
    return Exit.OK


def _told(error: Exception) -> str:
    where = "the database: " if type(error).__module__.startswith("psycopg") else ""
    return f"{where}{type(error).__name__}: {error}".splitlines()[0]


def _end(message: str, then: str, *, code: Exit = Exit.FAILED) -> int:
    lines = [f"defter: {message}", *([f"        {then}"] if then else [])]
    sys.stderr.write("".join(f"{visible(line)}\n" for line in lines))
    return code
