"""The `defter` command: its groups, its options, and how it ends."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from interfaces.cli.demo.command import demo
from interfaces.cli.exits import Exit, Stopped
from interfaces.cli.ledger import ledger
from interfaces.cli.login import login

RUN, FINANCE, OPERATE = "Run", "Finance", "Operate"

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


app.command(rich_help_panel=FINANCE)(login)
app.add_typer(ledger, name="ledger", rich_help_panel=FINANCE)


app.command(rich_help_panel=RUN)(demo)


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
        _say(stopped.message, stopped.then)
        return stopped.code
    except Exception as error:
        if debug:
            raise
        _say(f"it failed: {type(error).__name__}: {error}".splitlines()[0], _DEBUG)
        return Exit.FAILED
    return Exit.OK


_DEBUG = "`defter --debug …` shows where"


def _say(message: str, then: str = "") -> None:
    sys.stderr.write(f"defter: {message}\n")
    if then:
        sys.stderr.write(f"        {then}\n")
