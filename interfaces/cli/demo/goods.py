"""The goods of the Online Retail file: what each stock code is called, costs and sold of.

An article is a stock code of five digits with up to two letters; everything else is postage,
samples, fees and vouchers. Its price in a month is what most lines of the month were charged.
"""

# polars names numpy in its hints, which is not installed:
# pyright: reportUnknownMemberType=false

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

ARTICLE = r"^[0-9]{5}[A-Z]{0,2}$"
CATEGORIES = (
    ("bags", "Bags", r"\bBAGS?\b"),
    ("candles", "Candles and lights", r"CANDLE|T-LIGHT|LANTERN|LIGHTS?\b|LAMP"),
    ("kitchen", "Kitchen and table", r"\bMUG|\bCUP|TEA|CAKE|PLATE|BOWL|NAPKIN|KITCHEN|JAR|BAKING"),
    ("christmas", "Christmas", r"CHRISTMAS|XMAS|ADVENT|REINDEER|SANTA"),
    ("paper", "Cards and paper", r"\bCARDS?\b|WRAP|PAPER|NOTEBOOK|STICKER"),
    ("jewellery", "Jewellery", r"NECKLACE|BRACELET|EARRING|RING\b|BROOCH"),
    ("signs", "Signs and frames", r"SIGN|FRAME|CLOCK|MIRROR"),
)
OTHER = ("gifts", "Other gifts")


@dataclass(frozen=True, slots=True)
class Article:
    """One stock code. `prices` are pence from a day on, oldest first; `sold` is how many units."""

    code: str
    name: str
    category: str
    prices: tuple[tuple[date, int], ...]
    sold: int


@dataclass(frozen=True, slots=True)
class Goods:
    """All articles by code, and how many other codes were left out."""

    articles: tuple[Article, ...]
    left_out: int


def read_goods(path: Path, *, until: date | None = None) -> Goods:
    """Read what was sold of articles that were sold by a day; the file is known to be whole.

    What is told of an article is the same whatever the day, so that a longer run adds to it.
    """
    lines = _lines(path)
    named = pl.col("code").str.contains(ARTICLE)
    left_out = lines.filter(~named).select(pl.col("code").n_unique())
    names = _most_frequent(lines.filter(named), "name", ["code"])
    prices = (
        _most_frequent(lines.filter(named), "pence", ["code", "month"])
        .join(
            lines.group_by("code", "month").agg(pl.col("day").min().alias("since")),
            on=["code", "month"],
        )
        .sort("code", "month")
        .filter(pl.col("pence") != pl.col("pence").shift().over("code").fill_null(-1))
        .group_by("code", maintain_order=True)
        .agg("since", "pence")
    )
    sold = lines.group_by("code").agg(pl.col("quantity").sum().alias("sold"))
    found, others = pl.collect_all(
        [names.join(prices, on="code").join(sold, on="code").sort("code"), left_out]
    )
    articles = tuple(
        Article(code, name, _category(name), tuple(zip(since, pence, strict=True)), units)
        for code, name, since, pence, units in found.select(
            "code", "name", "since", "pence", "sold"
        ).iter_rows()
        if until is None or since[0] <= until
    )
    return Goods(articles, others.item())


def _lines(path: Path) -> pl.LazyFrame:
    day = pl.col("InvoiceDate").str.head(10).str.to_date("%Y-%m-%d", strict=False)
    lines = pl.scan_csv(path, infer_schema=False).select(
        pl.col("StockCode").str.strip_chars().str.to_uppercase().alias("code"),
        pl.col("Description").str.strip_chars().alias("name"),
        pl.col("Quantity").cast(pl.Int64, strict=False).alias("quantity"),
        (pl.col("UnitPrice").cast(pl.Decimal(18, 6), strict=False) * 100)
        .round()
        .cast(pl.Int64, strict=False)
        .alias("pence"),
        day.alias("day"),
        day.dt.truncate("1mo").alias("month"),
    )
    sound = (pl.col("quantity") > 0) & (pl.col("pence") > 0) & (pl.col("name").str.len_chars() > 0)
    return lines.filter(sound & pl.col("day").is_not_null())


def _most_frequent(lines: pl.LazyFrame, column: str, by: list[str]) -> pl.LazyFrame:
    counted = lines.group_by(*by, column).agg(pl.len().alias("lines"))
    ordered = counted.sort(*by, "lines", column, descending=[*(False for _ in by), True, False])
    return ordered.group_by(by, maintain_order=True).agg(pl.col(column).first())


def _category(name: str) -> str:
    found = (slug for slug, _, words in CATEGORIES if re.search(words, name))
    return next(found, OTHER[0])
