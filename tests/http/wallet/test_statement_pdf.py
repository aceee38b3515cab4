"""WLT-04: the statement as PDF says the same as CSV."""

import csv
import io
import re
from itertools import pairwise

import psycopg
import pytest
from pypdf import PdfReader

from interfaces.http.wallet.statement import EXPORT_LINES_MAX
from interfaces.http.wire.pdf import LINES_PER_PAGE, as_pdf
from tests.http import test_whole
from tests.http.conftest import Api
from tests.http.fakes import TENANT
from tests.http.test_whole import LIRA, Caller

pytestmark = pytest.mark.row("WLT-04")
shop = test_whole.shop


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


async def test_pdf_and_csv_say_the_same_on_all_their_lines(shop: Api) -> None:
    caller = Caller(shop)
    ada = await caller.wallet("cus_ada1", 1_000_000)
    holds = [
        {"wallet_id": ada, "amount": LIRA | {"minor": 1_005 + n}} for n in range(LINES_PER_PAGE + 5)
    ]
    await caller.post("/api/wallet/holds/batch", {"mode": "atomic", "commands": holds})
    path = f"/api/wallet/{ada}/statement?limit=2"
    table = list(csv.DictReader(io.StringIO((await caller.get(f"{path}&format=csv")).text)))
    answer = await caller.get(path, Accept="application/pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    words = text_of(answer.content).split()
    printed = [
        words[n : n + 6] for n, word in enumerate(words) if re.fullmatch(r"\d{4}-\d\d-\d\d", word)
    ]
    assert len(table) == LINES_PER_PAGE + 6
    assert [[*line[:4], *map(minor_of, line[4:])] for line in printed] == [
        [
            *(line[name] for name in ("effective_on", "recorded_at", "entry_id", "type")),
            *(int(line[name]) for name in ("amount_minor", "balance_minor")),
        ]
        for line in table
    ]
    balances = [minor_of(line[5]) for line in printed]
    assert all(after < before for before, after in pairwise(balances))
    assert f"closing: {printed[-1][5]}" in text_of(answer.content)
    assert "2 / 2" in text_of(answer.content)


def minor_of(text: str) -> int:
    return int(text.replace(",", "").replace(".", ""))


async def test_a_statement_of_nothing_is_a_page(shop: Api) -> None:
    caller = Caller(shop)
    ada = await caller.wallet("cus_ada1")
    answer = await caller.get(f"/api/wallet/{ada}/statement?format=pdf&from=2026-01-01")
    assert "from: 2026-01-01   opening: 0.00   closing: 0.00" in text_of(answer.content)


MANY = """
INSERT INTO read_models.ledger_lines_v2
SELECT %(tenant)s, v.account, 'TRY', date '2026-01-01', n + 1000, v.line, 'x', v.minor,
    'wallet-w.' || n, 't', 'r', now()
FROM generate_series(1, %(many)s) n,
    (VALUES (%(account)s, 1, 3), ('bank', 2, -3)) AS v(account, line, minor)
"""


async def test_an_export_that_is_too_long_is_refused_and_not_cut(
    shop: Api, database_url: str
) -> None:
    caller = Caller(shop)
    ada = await caller.wallet("cus_ada1")
    with psycopg.connect(database_url) as owner:
        given = {"tenant": TENANT, "account": f"wallet.cash:{ada}", "many": EXPORT_LINES_MAX}
        owner.execute(MANY, given)
    path = f"/api/wallet/{ada}/statement?format=csv"
    whole = await caller.get(path)
    assert len(whole.text.splitlines()) == 1 + EXPORT_LINES_MAX
    await caller.post(f"/api/wallet/{ada}/top-ups", {"amount": LIRA | {"minor": 5}})
    for form in ("csv", "pdf"):
        answer = await caller.get(f"/api/wallet/{ada}/statement?format={form}")
        assert (answer.status_code, answer.json()["code"]) == (422, "wallet.statement_too_long")
    assert len((await caller.get(f"{path}&from=2026-01-02")).text.splitlines()) == 2


def test_turkish_letters_are_printed_and_read_back() -> None:
    title = "Şişli'de ığdır, çöğür, İĞÜŞÖÇ"
    pdf = as_pdf(title, [("açılış", "0")], ("gün", "tür"), [("ş", "ğ")], right=frozenset())
    assert title in text_of(pdf)
    assert "açılış: 0" in text_of(pdf)


def test_long_words_make_letters_smaller_and_are_never_cut() -> None:
    word = "wallet-wal_" + "x" * 300
    pdf = as_pdf("Statement", [], ("entry", "amount"), [(word, "1.00")], right=frozenset({1}))
    assert word in text_of(pdf)
    assert "1.00" in text_of(pdf)


def test_the_same_statement_is_the_same_file() -> None:
    table = ("Statement", [("currency", "TRY")], ("entry",), [("a",), ("b",)])
    assert as_pdf(*table, right=frozenset()) == as_pdf(*table, right=frozenset())
