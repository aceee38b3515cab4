"""AUD-01: somebody outside is mailed checkpoints, in words they understand, to keep."""

import html
from collections.abc import AsyncGenerator
from email.message import EmailMessage
from typing import Any

import pytest

from application.tenants.tenants import PLATFORM
from domain.tenants import settings as tenant_settings
from domain.tenants.settings import Languages
from infrastructure.sealing import notes
from tests.effects.performing import look
from tests.notifications.post import PostOffice
from tests.projections.written_logs import Log
from tests.witnesses.witnessed import Witnessed, witnessed

pytestmark = pytest.mark.row("AUD-01")

AUDITOR = "canary.auditor@office.example"


@pytest.fixture
async def office() -> AsyncGenerator[PostOffice]:
    async with PostOffice().open() as opened:
        yield opened


@pytest.fixture
async def log(database_url: str, redis_url: str, office: PostOffice) -> AsyncGenerator[Witnessed]:
    given: dict[str, Any] = {"smtp_url": office.url, "mail_from": "no-reply@mail.example"}
    async with witnessed(database_url, redis_url, [f"mailto:{AUDITOR}"], **given) as opened:
        yield opened


def text_of(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return body.get_content()


async def test_the_checkpoint_stands_in_the_mail_and_beside_it_as_a_file(
    log: Witnessed, office: PostOffice
) -> None:
    await log.grow(300)
    assert await log.send() == [("done", "it has 300 events")]
    [mail] = office.mails
    assert office.recipients == [AUDITOR]
    assert mail["Subject"] == "Seal of the ledger, please keep it: 300"
    [file] = mail.iter_attachments()
    assert file.get_filename() == f"{log.tenant_id}-300.txt"
    assert isinstance(file, EmailMessage)
    note: str = file.get_content().decode()
    assert notes.believed(note, await log.publics()).size == 300
    for kind in ("plain", "html"):
        assert note in html.unescape(text_of(mail, kind)).replace("\r\n", "\n")
    assert "defter audit verify --against" in text_of(mail, "plain")
    assert log.confirmed() == [(300, None)]


async def test_a_mail_that_is_sent_again_is_known_by_its_id(
    log: Witnessed, office: PostOffice
) -> None:
    await log.grow(300)
    await log.send()
    log.as_superuser("DELETE FROM defter.log_cosignatures")
    log.as_superuser("UPDATE defter.effects SET state = 'waiting'")
    log.hurry()
    await log.send()
    assert len({mail["Message-ID"] for mail in office.mails}) == 1
    await log.grow(1)
    await log.send()
    assert len({mail["Message-ID"] for mail in office.mails}) == 2


async def test_what_was_mailed_is_not_mailed_again(log: Witnessed, office: PostOffice) -> None:
    await log.grow(300)
    await log.send()
    log.as_superuser("UPDATE defter.effects SET state = 'waiting'")
    log.hurry()
    assert await log.send() == [("done", "it has 300 events")]
    assert len(office.mails) == 1


async def test_a_tenant_s_auditor_is_written_to_in_the_tenant_s_language(
    log: Witnessed, office: PostOffice, database_url: str
) -> None:
    platform = Log(PLATFORM)
    chosen = tenant_settings.change(None, Languages(("tr",), "tr"), tenant=str(log.tenant_id))
    platform.record(chosen)
    platform.store(database_url)
    await log.grow(300)
    await log.send()
    [mail] = office.mails
    assert mail["Subject"] == "Defterin mührü, lütfen saklayın: 300"
    assert "saklayın" in text_of(mail, "plain")


async def test_a_server_that_takes_no_mail_now_is_asked_again(
    log: Witnessed, office: PostOffice
) -> None:
    office.at_data = lambda: "451 4.3.0 later"
    await log.grow(300)
    assert await log.send() == [("waiting", "451 4.3.0")]


async def test_an_address_that_is_gone_is_given_up_and_no_alarm(
    log: Witnessed, office: PostOffice
) -> None:
    office.at_recipient = lambda _address: "550 5.1.1 nobody"
    await log.grow(300)
    assert await log.send() == [("dead", "550 5.1.1")]


async def test_the_address_stands_nowhere_in_the_database(
    log: Witnessed, database_url: str
) -> None:
    await log.grow(300)
    await log.send()
    rows = look(database_url, "SELECT effect::text FROM defter.effects effect")
    rows += look(database_url, "SELECT kept::text FROM defter.log_cosignatures kept")
    assert rows
    assert "canary" not in str(rows)
