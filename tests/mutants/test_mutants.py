"""The planted faults still fit the code; running them is `python -m tests.mutants.run`."""

from collections import Counter

import pytest

from tests.mutants.faults import LEDGER, MUTANTS, THE_BOOK, WRITER
from tests.mutants.mutant import Mutant
from tests.mutants.run import ROOT, Drifted, planted


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_each_fault_still_fits_its_file_and_names_tests_that_exist(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    assert planted(mutant, text) != text
    assert all((ROOT / test.removeprefix("--ignore=")).exists() for test in mutant.tests)


def test_a_fault_whose_text_has_drifted_is_an_error() -> None:
    with pytest.raises(Drifted):
        planted(Mutant("drifted", "a.py", "gone", "new", ()), "what stands there now")


def test_ledger_book_and_writer_have_twenty_faults_and_each_its_own_name() -> None:
    assert len(MUTANTS) >= 20
    assert min(map(len, (LEDGER, THE_BOOK, WRITER))) >= 4
    assert max(Counter(mutant.name for mutant in MUTANTS).values()) == 1
