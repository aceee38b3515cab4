"""CAT-12: a file is asked for once, read by a worker, and may be called off."""

from uuid import UUID

import pytest

from application.catalog.importing.asking import AskImport, CancelImport, ImportResult
from application.process import Perform
from application.processes.imports import IMPORT, IMPORTS
from domain.catalog.imports.events import ImportAsked, ImportCancelled
from domain.catalog.imports.imports import ImportExists, ImportNotFound, Mode
from domain.kernel.events import Recorded
from tests.kit.scenario import NOW, TENANT_ID, given

pytestmark = pytest.mark.row("CAT-12")

ASKED = ImportAsked("imp_spring", "ab" * 32, "upsert", dry_run=True, create_missing=False)
ASK = AskImport("imp_spring", "ab" * 32, Mode.UPSERT, dry_run=True, create_missing=False)
CANCEL, CANCELLED = CancelImport("imp_spring"), ImportCancelled("imp_spring")


def test_a_file_is_asked_for_once() -> None:
    given().when(ASK).then(ASKED).then_result(ImportResult("imp_spring"))
    given(ASKED).when(ASK).then_refused(ImportExists)


def test_an_import_is_called_off_and_a_second_time_changes_nothing() -> None:
    given(ASKED).when(CANCEL).then(CANCELLED).then_result(ImportResult("imp_spring"))
    given(ASKED, CANCELLED).when(CANCEL).then()
    given().when(CANCEL).then_refused(ImportNotFound)


def test_a_worker_reads_it_after_what_is_more_urgent() -> None:
    recorded = Recorded(TENANT_ID, 1, UUID(int=1), "import-imp_spring", 1, NOW, ASKED, b"")
    answers = list(IMPORTS.reactions[ImportAsked](recorded))
    assert answers == [Perform(IMPORT, "imp_spring", bulk=True)]
