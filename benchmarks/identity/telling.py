"""Figures are measured on a database that is made for them, told, and it is thrown away."""

import os
import sys
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from benchmarks.figures import Figure


def tell(measure: Callable[[str, str], Sequence[Figure]], name: str) -> int:
    """Measure with the URLs of a database and of Valkey, and print what came out."""
    admin, name = os.environ["DATABASE_URL"], f"bench_{name}_{os.getpid()}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        url = urlunsplit(urlsplit(admin)._replace(path=f"/{name}"))
        for figure in measure(url, os.environ["REDIS_URL"]):
            sys.stdout.write(f"{figure.name:45} {figure.value:50} {figure.bar}\n")
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(drop)
    return 0
