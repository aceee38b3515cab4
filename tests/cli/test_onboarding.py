from collections.abc import AsyncGenerator
from dataclasses import replace
from uuid import uuid5

import psycopg
import pytest

from application.tenants.tenants import PLATFORM, CreateTenant
from domain.tenants.tenant import KeyKind
from domain.wallet.scheme import SchemeMode
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer
from infrastructure.onboarding import (
    AUDITOR_SCOPES,
    FINANCE_SCOPES,
    PLATFORM_SCOPES,
    CommandRefused,
    NewStaff,
    NewTenant,
    TenantDiffers,
    found_platform,
    onboard,
    order,
    tenant_id_of,
)
from infrastructure.tenants.api_keys import new_key


def secret(kind: KeyKind = KeyKind.SECRET):  # noqa: ANN201 - as new_key
    return new_key(kind, test=True)


DEMO = NewTenant(
    slug="demo",
    name="Demo",
    base_currency="TRY",
    time_zone="Europe/Istanbul",
    mode=SchemeMode.LICENSED,
    test=True,
    staff=(
        NewStaff("Deniz", FINANCE_SCOPES, secret()),
        NewStaff("Umut", AUDITOR_SCOPES, secret()),
    ),
    publishable_key=secret(KeyKind.PUBLISHABLE),
)


@pytest.fixture
async def writer(database_url: str) -> AsyncGenerator[Writer]:
    writer = Writer(database_url, MasterKeys(bytes(32)))
    await writer.start()
    yield writer
    await writer.stop()


def log_of(database_url: str) -> list[tuple[str, str]]:
    with psycopg.connect(database_url) as owner:
        rows = owner.execute(
            "SELECT type, convert_from(data, 'UTF8') FROM defter.events"
            " ORDER BY tenant_id, position"
        )
        return rows.fetchall()


async def test_a_tenant_begins_with_books_scheme_staff_and_keys(
    writer: Writer, database_url: str
) -> None:
    made = await onboard(writer, DEMO)
    assert made.tenant_id == DEMO.tenant_id
    assert len(made.staff_ids) == 2
    assert len(made.key_ids) == 3
    names = [name for name, _ in log_of(database_url)]
    assert sorted(names) == [
        "ledger.books_opened",
        "tenants.key_issued",
        "tenants.key_issued",
        "tenants.key_issued",
        "tenants.staff_added",
        "tenants.staff_added",
        "tenants.tenant_created",
        "tenants.tenant_created",
        "wallet.scheme_chosen",
    ]


async def test_neither_secrets_nor_names_stand_in_the_log(
    writer: Writer, database_url: str
) -> None:
    await onboard(writer, DEMO)
    text = str(log_of(database_url))
    assert "Deniz" not in text
    for person in DEMO.staff:
        assert person.key is not None
        assert person.key.secret not in text


async def test_a_second_time_changes_nothing(writer: Writer, database_url: str) -> None:
    made = await onboard(writer, DEMO)
    before = log_of(database_url)
    assert await onboard(writer, DEMO) == replace(made, replayed=True)
    assert log_of(database_url) == before


async def test_an_interrupted_beginning_is_finished(writer: Writer) -> None:
    await onboard(writer, replace(DEMO, staff=DEMO.staff[:1], publishable_key=None))
    made = await onboard(writer, DEMO)
    assert len(made.staff_ids) == 2


async def test_a_slug_is_never_two_tenants(writer: Writer) -> None:
    await onboard(writer, DEMO)
    with pytest.raises(TenantDiffers) as refused:
        await onboard(writer, replace(DEMO, name="Another"))
    assert refused.value.code == "tenants.exists"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"time_zone": "Europe/Atlantis"}, "ledger.unknown_time_zone"),
        ({"base_currency": "ZZZ"}, "money.unknown_currency"),
        ({"slug": "De mo"}, "tenants.slug_invalid"),
    ],
)
async def test_wrong_particulars_are_refused_before_anything_is_written(
    writer: Writer, database_url: str, wrong: dict[str, str], code: str
) -> None:
    with pytest.raises(CommandRefused) as refused:
        await onboard(writer, replace(DEMO, **wrong))
    assert refused.value.code == code
    assert log_of(database_url) == []
    await onboard(writer, DEMO)


ADMIN = NewStaff("Ece", PLATFORM_SCOPES, secret())


async def test_the_platform_is_a_tenant_of_itself_with_an_admin_of_its_own(
    writer: Writer, database_url: str
) -> None:
    made = await found_platform(writer, ADMIN)
    assert made.tenant_id == tenant_id_of("platform") == PLATFORM
    names = [name for name, _ in log_of(database_url)]
    assert names == ["tenants.tenant_created", "tenants.staff_added", "tenants.key_issued"]
    assert await found_platform(writer, ADMIN) == replace(made, replayed=True)
    await onboard(writer, DEMO)
    assert [name for name, _ in log_of(database_url)].count("tenants.tenant_created") == 2


async def test_an_installation_of_an_earlier_release_gets_its_platform(
    writer: Writer, database_url: str
) -> None:
    await writer.add_tenant(PLATFORM)
    old = CreateTenant(str(DEMO.tenant_id), DEMO.slug, DEMO.name, DEMO.test)
    await order(writer, PLATFORM, old, command_id=uuid5(DEMO.tenant_id, "onboard/create"))
    await onboard(writer, DEMO)
    text = [data for name, data in log_of(database_url) if name == "tenants.tenant_created"]
    assert len(text) == 2
    assert '"slug":"platform"' in text[1]
