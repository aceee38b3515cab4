from datetime import datetime, timedelta

import pytest

from application.book import ClaimTaken
from application.tenants.keys import (
    ROTATION_OVERLAP_HOURS_MAX,
    IssueKey,
    KeyResult,
    RevokeKey,
    RotateKey,
)
from application.tenants.tenants import PLATFORM
from domain.kernel.events import Personal
from domain.tenants.events import KeyExpirySet, KeyIssued, KeyRevoked, StaffAdded, TenantCreated
from domain.tenants.tenant import (
    LIVE_KEYS_MAX,
    KeyKind,
    KeyNotFound,
    KeyNotLive,
    ScopeNotGiven,
    StaffNotFound,
    TenantNotFound,
    TooManyKeys,
)
from tests.kit.scenario import NOW, given, new_id

pytestmark = pytest.mark.row("TEN-03")

SHOP = "7e000000-0000-4000-8000-00000000000a"
STAFFED = (
    TenantCreated(SHOP, "shop", "The Shop", test=True),
    StaffAdded(SHOP, "stf_deniz", Personal("stf_deniz", "Deniz")),
)


def issued(
    key_id: str = "key_1",
    *,
    key_hash: str = "hash-1",
    hint: str = "…1111",
    expires_at: datetime | None = None,
) -> KeyIssued:
    return KeyIssued(
        SHOP,
        key_id,
        "secret",
        key_hash,
        hint,
        "stf_deniz",
        ("wallet.read",),
        ("10.0.0.0/8",),
        expires_at,
    )


ISSUE = IssueKey(
    SHOP, KeyKind.SECRET, "hash-1", "…1111", "stf_deniz", ("wallet.read",), ("10.0.0.0/8",)
)


def test_a_secret_key_belongs_to_a_staff_member() -> None:
    answer = given(*STAFFED).when(ISSUE)
    answer.then(issued(new_id("key"))).then_result(KeyResult(new_id("key")))


@pytest.mark.parametrize("staff", [None, "stf_nobody"])
def test_refuses_a_secret_key_without_one(staff: str | None) -> None:
    given(*STAFFED).when(IssueKey(SHOP, KeyKind.SECRET, "h", "…", staff)).then_refused(
        StaffNotFound
    )


def test_a_publishable_key_belongs_to_nobody() -> None:
    given(*STAFFED).when(IssueKey(SHOP, KeyKind.PUBLISHABLE, "hash-2", "…2222", "stf_deniz")).then(
        KeyIssued(SHOP, new_id("key"), "publishable", "hash-2", "…2222", None, (), (), None)
    )


def test_what_concerns_all_tenants_is_in_no_tenant_s_key() -> None:
    scopes = ("*", "tenants.manage")
    asked = IssueKey(SHOP, KeyKind.SECRET, "h", "…", "stf_deniz", scopes)
    given(*STAFFED).when(asked).then_refused(ScopeNotGiven)
    platform = str(PLATFORM)
    staffed = (
        TenantCreated(platform, "platform", "Platform", test=False),
        StaffAdded(platform, "stf_ece", Personal("stf_ece", "Ece")),
    )
    mine = IssueKey(platform, KeyKind.SECRET, "h", "…", "stf_ece", scopes)
    given(*staffed).when(mine).then_result(KeyResult(new_id("key")))


def test_two_keys_never_share_a_secret() -> None:
    given(*STAFFED, issued()).when(ISSUE).then_refused(ClaimTaken)


def test_a_tenant_has_100_live_keys_and_not_one_more() -> None:
    many = [issued(f"key_{n}", key_hash=f"h{n}") for n in range(LIVE_KEYS_MAX - 1)]
    full = given(*STAFFED, *many).when(ISSUE)
    full.then(issued(new_id("key")))
    again = IssueKey(SHOP, KeyKind.PUBLISHABLE, "hash-3", "…")
    full.when(again).then_refused(TooManyKeys)
    freed = full.when(RevokeKey(SHOP, "key_7"))
    assert freed.when(again).decision.refusal is None


def test_an_expired_key_leaves_its_place() -> None:
    many = [issued(f"key_{n}", key_hash=f"h{n}") for n in range(LIVE_KEYS_MAX - 1)]
    ends_now = issued("key_old", key_hash="old", expires_at=NOW)
    assert given(*STAFFED, *many, ends_now).when(ISSUE).decision.refusal is None
    ends_later = issued("key_old", key_hash="old", expires_at=NOW + timedelta(microseconds=1))
    given(*STAFFED, *many, ends_later).when(ISSUE).then_refused(TooManyKeys)


def test_a_rotation_issues_a_successor_with_the_same_rights_and_lets_both_work_for_a_while() -> (
    None
):
    answer = given(*STAFFED, issued()).when(RotateKey(SHOP, "key_1", "hash-2", "…2222"))
    answer.then(
        issued(new_id("key"), key_hash="hash-2", hint="…2222"),
        KeyExpirySet(SHOP, "key_1", NOW + timedelta(hours=24)),
    )
    answer.then_result(KeyResult(new_id("key")))
    keys = answer.state(f"tenant-{SHOP}").keys
    later = NOW + timedelta(hours=23, minutes=59)
    assert [key.live(later) for key in keys.values()] == [True, True]
    assert not keys["key_1"].live(NOW + timedelta(hours=24))


def test_a_rotation_never_lets_the_old_key_live_longer_than_it_would_have() -> None:
    soon = NOW + timedelta(hours=1)
    answer = given(*STAFFED, issued(expires_at=soon)).when(
        RotateKey(SHOP, "key_1", "hash-2", "…2222")
    )
    assert answer.state(f"tenant-{SHOP}").keys["key_1"].expires_at == soon


@pytest.mark.parametrize(
    ("asked", "given_hours"),
    [
        (1, 1),
        (ROTATION_OVERLAP_HOURS_MAX, ROTATION_OVERLAP_HOURS_MAX),
        (ROTATION_OVERLAP_HOURS_MAX + 1, ROTATION_OVERLAP_HOURS_MAX),
    ],
)
def test_an_overlap_is_30_days_at_most(asked: int, given_hours: int) -> None:
    answer = given(*STAFFED, issued()).when(
        RotateKey(SHOP, "key_1", "hash-2", "…2222", overlap_hours=asked)
    )
    assert answer.state(f"tenant-{SHOP}").keys["key_1"].expires_at == NOW + timedelta(
        hours=given_hours
    )


def test_refuses_to_rotate_a_key_that_has_expired() -> None:
    given(*STAFFED, issued(expires_at=NOW)).when(RotateKey(SHOP, "key_1", "h", "…")).then_refused(
        KeyNotLive
    )


def test_a_revoked_key_ends_at_once() -> None:
    answer = given(*STAFFED, issued()).when(RevokeKey(SHOP, "key_1"))
    answer.then(KeyRevoked(SHOP, "key_1")).then_result(KeyResult("key_1"))
    assert answer.state(f"tenant-{SHOP}").keys == {}
    answer.when(RevokeKey(SHOP, "key_1")).then_refused(KeyNotFound)


@pytest.mark.parametrize("command", [RotateKey(SHOP, "key_9", "h", "…"), RevokeKey(SHOP, "key_9")])
def test_refuses_a_key_that_is_not_there(command: object) -> None:
    given(*STAFFED, issued()).when(command).then_refused(KeyNotFound)


@pytest.mark.parametrize(
    "command", [ISSUE, RotateKey(SHOP, "key_1", "h", "…"), RevokeKey(SHOP, "key_1")]
)
def test_refuses_a_tenant_that_is_not_there(command: object) -> None:
    given().when(command).then_refused(TenantNotFound)
