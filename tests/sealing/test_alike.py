"""Rows that are read all at once say what each of them says by itself (AUD-01)."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.ledger_check.routine import ROUTINES
from infrastructure.sealing.alike import Pattern
from infrastructure.sealing.layout import Texts
from tests.cli.ledger.changes import stored
from tests.cli.ledger.routine_log import payments

pytestmark = pytest.mark.row("AUD-01")

BYTES = st.sampled_from(b'0179"\\:.,{} ~\x00\x1f\x7f\xffaZ')
PIECES = st.sampled_from(
    [
        *((b"wallet.held", b"wallet.gift"), (b"wallet.cash", b"wallet.held"), (b"aaaa", b"bbbb")),
        *((b"9000", b"0900"), (b"500", b"050"), (b"TRY", b"EUR"), (b"sales", b"scrap")),
        (b"12:00:00Z", b"12:00:60Z"),
    ]
)


@st.composite
def changed(draw: st.DrawFn, text: bytes) -> bytes:
    """Change something of a text, but not its length."""
    for old, new in draw(st.lists(PIECES, max_size=1)):
        text = text.replace(old, new, draw(st.sampled_from([1, -1])))
    for at in draw(st.lists(st.integers(0, len(text) - 1), max_size=2)):
        text = text[:at] + bytes([draw(BYTES)]) + text[at + 1 :]
    return text


def texts_of(texts: Sequence[bytes]) -> Texts:
    ends = np.cumsum([len(text) for text in texts])
    return Texts(b"".join(texts), ends - len(texts[0]), ends)


def held_to_each(pattern: Pattern, texts: Sequence[bytes]) -> set[int]:
    """Read texts at once, hold what is read against each, and say which were read."""
    seen = set[int]()
    for read in pattern.read(texts_of(texts), np.arange(len(texts))):
        groups = [name for name, told in read.match.groupdict().items() if told is not None]
        for nth, row in enumerate(map(int, read.rows)):
            assert row not in seen
            seen.add(row)
            alone = pattern.reads.fullmatch(texts[int(row)])
            assert alone is not None, texts[int(row)]
            for name in groups:
                assert read.cells_of(name)[nth].tobytes() == alone[name]
    return seen


@given(st.sampled_from(sorted(ROUTINES)), st.data())
def test_no_row_is_read_that_does_not_read_so_by_itself(name: str, data: st.DataObject) -> None:
    pattern = ROUTINES[name].pattern
    text = next(row.data for row in stored(payments) if row.type == name)
    texts = [text, *(data.draw(changed(text)) for _ in range(data.draw(st.integers(0, 6))))]
    assert 0 in held_to_each(pattern, texts)


@pytest.mark.parametrize("name", sorted(ROUTINES))
def test_rows_that_differ_in_texts_and_numbers_alone_are_read_at_once(name: str) -> None:
    texts = [row.data for row in stored(payments) if row.type == name]
    alike = [text for text in texts if len(text) == len(texts[0])]
    assert held_to_each(ROUTINES[name].pattern, alike) == {*range(len(alike))}
