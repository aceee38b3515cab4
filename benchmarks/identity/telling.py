"""Figures are measured on a database that is made for them, told, and it is thrown away."""

import os
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from benchmarks.figures import Figure


def tell(measure: Callable[[str, str], Sequence[Figure]], name: str) -> int:
    """Measure with the URLs of a database and of Valkey, and print what came out."""
    with thrown_away(name) as url:
        print_figures(measure(url, os.environ["REDIS_URL"]))
    return 0


@contextmanager
def thrown_away(name: str) -> Generator[str]:
    """Make a database on the server that DATABASE_URL names, give its URL, and drop it."""
    admin, name = os.environ["DATABASE_URL"], f"bench_{name}_{os.getpid()}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(admin)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(drop)


def print_figures(figures: Sequence[Figure]) -> None:
    """Print figures, one a line."""
    for figure in figures:
        sys.stdout.write(f"{figure.name:45} {figure.value:50} {figure.bar}\n")
