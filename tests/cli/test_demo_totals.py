import os
from collections import Counter
from pathlib import Path

import pytest

from interfaces.cli.demo.invoices import Dirt, Reading, half_even, read_invoices
from interfaces.cli.terminal.exits import Exit, Stopped
from tests.cli.retail_by_hand import totals_of

WITH_DIRT = Path(__file__).with_name("retail_with_dirt.csv")
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "online-retail"


def real_file() -> Path:
    named = os.environ.get("DEFTER_RETAIL_FILE")
    found = [Path(named)] if named else sorted(SHARED.glob("*.csv.gz"))
    if not found:
        pytest.skip("the real file is not here; DEFTER_RETAIL_FILE names it")
    return found[0]


def agrees_with_csv_and_decimal(reading: Reading, path: Path) -> None:
    by_hand = totals_of(path)
    sales, credited = Counter[str](), Counter[str]()
    for invoice in reading.invoices:
        (credited if invoice.cancels else sales)[invoice.customer] += invoice.pence
    assert sales == by_hand.sales
    assert credited == by_hand.credits
    assert {kind.name: count for kind, count in reading.dirt.items()} == dict(by_hand.dirt)
    assert reading.lines == by_hand.lines
    assert len(reading.invoices) == by_hand.invoices


def test_every_kind_of_dirt_is_told_and_the_rest_adds_up() -> None:
    reading = read_invoices(WITH_DIRT)
    agrees_with_csv_and_decimal(reading, WITH_DIRT)
    assert set(reading.dirt) == set(Dirt)


def test_the_real_file_adds_up_by_customer() -> None:
    path = real_file()
    agrees_with_csv_and_decimal(read_invoices(path), path)


def test_an_invoice_is_rounded_once_and_half_even() -> None:
    pence = {invoice.number: invoice.pence for invoice in read_invoices(WITH_DIRT).invoices}
    assert pence["536365"] == 1530 + 678 + 678
    assert pence["536367"] == 2  # 1.5 pence
    assert pence["536368"] == 38  # 37.5 pence, where rounding each piece would give 36
    assert "536366" not in pence  # 0.5 pence
    assert pence["C536380"] == 931
    assert [half_even(micros) for micros in (5_000, 5_001, 15_000, 25_000)] == [0, 1, 2, 2]


def test_lines_that_are_equal_count_each_time() -> None:
    first = read_invoices(WITH_DIRT).invoices[0]
    assert (first.number, first.pence) == ("536365", 2886)


def test_a_file_without_the_columns_is_an_incomplete_source(tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("InvoiceNo,Quantity\n1,2\n")
    with pytest.raises(Stopped) as stopped:
        read_invoices(path)
    assert stopped.value.code is Exit.SOURCE_INCOMPLETE


def test_a_torn_gzip_is_an_incomplete_source(tmp_path: Path) -> None:
    path = tmp_path / "torn.csv.gz"
    path.write_bytes(real_file().read_bytes()[:500_000])
    with pytest.raises(Stopped) as stopped:
        read_invoices(path)
    assert stopped.value.code is Exit.SOURCE_INCOMPLETE
