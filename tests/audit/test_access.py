"""AUD-03: who may look into the database is a fact of the tenant's log."""

from datetime import timedelta

import pytest

from application.audit.access import (
    AuditorResult,
    GrantAccess,
    PlatformNotShown,
    RevokeAccess,
)
from application.tenants.tenants import PLATFORM
from domain.audit.access import (
    AccessEnded,
    AccessExists,
    Auditor,
    AuditorNameInvalid,
    AuditorNotFound,
)
from domain.audit.events import AccessGranted, AccessRevoked
from tests.kit.scenario import NOW, given

pytestmark = pytest.mark.row("AUD-03")

ROLE = "auditor_kpmg_7e0000000000"
SOON = NOW + timedelta(microseconds=1)
GRANTED, REVOKED = AccessGranted("kpmg", ROLE, None), AccessRevoked("kpmg")
GRANT, REVOKE = GrantAccess("kpmg", ROLE), RevokeAccess("kpmg")


@pytest.mark.parametrize("earlier", [(), (GRANTED, REVOKED)])
@pytest.mark.parametrize("until", [None, SOON])
def test_an_auditor_who_has_no_access_is_granted_it(
    earlier: tuple[AccessGranted | AccessRevoked, ...], until: object
) -> None:
    answer = given(*earlier).when(GrantAccess("kpmg", ROLE, until))  # type: ignore[arg-type]
    answer.then(AccessGranted("kpmg", ROLE, until))  # type: ignore[arg-type]
    answer.then_result(AuditorResult("kpmg"))
    assert answer.state("auditor-kpmg") == Auditor("kpmg", granted=True)


def test_access_is_granted_once_even_where_its_end_has_passed() -> None:
    given(GRANTED).when(GRANT).then_refused(AccessExists)
    past = AccessGranted("kpmg", ROLE, NOW - timedelta(days=1))
    given(past).when(GRANT).then_refused(AccessExists)


def test_access_that_would_end_now_is_refused() -> None:
    given().when(GrantAccess("kpmg", ROLE, NOW)).then_refused(AccessEnded)


@pytest.mark.parametrize("name", ["", "k", "Kpmg", "7up", "a-b", "a" * 32, "ada lovelace", "a;b"])
def test_an_auditor_is_named_by_a_short_plain_word(name: str) -> None:
    given().when(GrantAccess(name, ROLE)).then_refused(AuditorNameInvalid)


def test_access_is_revoked_once_and_a_second_time_changes_nothing() -> None:
    answer = given(GRANTED).when(REVOKE).then(REVOKED).then_result(AuditorResult("kpmg"))
    answer.when(REVOKE).then()
    assert answer.state("auditor-kpmg") == Auditor("kpmg", granted=False)


def test_who_never_had_access_can_not_lose_it() -> None:
    given().when(REVOKE).then_refused(AuditorNotFound)


def test_the_platforms_own_log_is_shown_to_no_auditor() -> None:
    given().when(GRANT, tenant_id=PLATFORM).then_refused(PlatformNotShown)
