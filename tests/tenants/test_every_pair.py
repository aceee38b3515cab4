"""TEN-01 and TEN-03: every state of a tenant meets every command."""

from datetime import timedelta

import pytest

from application.tenants.keys import IssueKey, RevokeKey, RotateKey
from application.tenants.settings import ChangeSettings
from application.tenants.standing import (
    ReactivateStaff,
    ReactivateTenant,
    SuspendStaff,
    SuspendTenant,
)
from application.tenants.tenants import AddStaff, CreateTenant, MapDomain
from domain.kernel.events import Event, Personal
from domain.tenants.events import (
    KeyExpirySet,
    KeyIssued,
    StaffAdded,
    StaffSuspended,
    TenantCreated,
    TenantSuspended,
)
from domain.tenants.settings import Cors
from domain.tenants.tenant import KeyKind
from tests.kit.scenario import NOW, given

pytestmark = [pytest.mark.row("TEN-01"), pytest.mark.row("TEN-03")]

SHOP = "7e000000-0000-4000-8000-00000000000a"
STF, KEY = "stf_umut", "key_1"
HELD = KeyIssued(SHOP, KEY, "secret", "hash", "…", STF, (), (), None)

NONE: tuple[Event, ...] = ()
CREATED = (TenantCreated(SHOP, "shop", "The Shop", test=True),)
STAFFED = (*CREATED, StaffAdded(SHOP, STF, Personal(STF, "Umut")))
KEYED = (*STAFFED, HELD)
STATES = {
    "none": NONE,
    "created": CREATED,
    "staffed": STAFFED,
    "keyed": KEYED,
    "expired": (*KEYED, KeyExpirySet(SHOP, KEY, NOW - timedelta(hours=1))),
    "staff suspended": (*KEYED, StaffSuspended(SHOP, STF)),
    "suspended": (*KEYED, TenantSuspended(SHOP, Personal(SHOP, "unpaid"))),
}
COMMANDS = {
    "create": CreateTenant(SHOP, "shop", "The Shop"),
    "suspend": SuspendTenant(SHOP, "unpaid"),
    "reactivate": ReactivateTenant(SHOP),
    "map domain": MapDomain(SHOP, "shop.example"),
    "add staff": AddStaff(SHOP, "Deniz"),
    "suspend staff": SuspendStaff(SHOP, STF),
    "reactivate staff": ReactivateStaff(SHOP, STF),
    "issue": IssueKey(SHOP, KeyKind.SECRET, "hash-2", "…", STF),
    "rotate": RotateKey(SHOP, KEY, "hash-2", "…"),
    "revoke": RevokeKey(SHOP, KEY),
    "settings": ChangeSettings(SHOP, Cors(("https://shop.example",))),
}
ABSENT = "tenants.not_found"
NO_STAFF, NO_KEY = "tenants.staff_not_found", "tenants.key_not_found"
AGAIN = "tenants.exists"
ON, OFF = "tenants.suspended", "tenants.not_suspended"

ORDER = (
    "create", "suspend", "reactivate", "map domain", "add staff", "suspend staff",
    "reactivate staff", "issue", "rotate", "revoke", "settings",
)  # fmt: skip
TABLE = {
    "none": (
        "tenants.tenant_created", ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT,
        ABSENT, ABSENT,
    ),
    "created": (
        AGAIN, "tenants.tenant_suspended", OFF, "tenants.domain_mapped", "tenants.staff_added",
        NO_STAFF, NO_STAFF, NO_STAFF, NO_KEY, NO_KEY, "tenants.settings_changed",
    ),
    "staffed": (
        AGAIN, "tenants.tenant_suspended", OFF, "tenants.domain_mapped", "tenants.staff_added",
        "tenants.staff_suspended", "", "tenants.key_issued", NO_KEY, NO_KEY,
        "tenants.settings_changed",
    ),
    "keyed": (
        AGAIN, "tenants.tenant_suspended", OFF, "tenants.domain_mapped", "tenants.staff_added",
        "tenants.staff_suspended", "", "tenants.key_issued",
        "tenants.key_issued tenants.key_expiry_set", "tenants.key_revoked",
        "tenants.settings_changed",
    ),
    "expired": (
        AGAIN, "tenants.tenant_suspended", OFF, "tenants.domain_mapped", "tenants.staff_added",
        "tenants.staff_suspended", "", "tenants.key_issued", "tenants.key_not_live",
        "tenants.key_revoked", "tenants.settings_changed",
    ),
    "staff suspended": (
        AGAIN, "tenants.tenant_suspended", OFF, "tenants.domain_mapped", "tenants.staff_added",
        "", "tenants.staff_reactivated", "tenants.key_issued",
        "tenants.key_issued tenants.key_expiry_set", "tenants.key_revoked",
        "tenants.settings_changed",
    ),
    "suspended": (
        AGAIN, ON, "tenants.tenant_reactivated", "tenants.domain_mapped", "tenants.staff_added",
        "tenants.staff_suspended", "", "tenants.key_issued",
        "tenants.key_issued tenants.key_expiry_set", "tenants.key_revoked",
        "tenants.settings_changed",
    ),
}  # fmt: skip
"""What a command leads to, in the order of `ORDER`: names of events, or a refusal's code."""

PAIRS = [(state, command, TABLE[state][n]) for state in STATES for n, command in enumerate(ORDER)]


def test_the_table_knows_every_command() -> None:
    assert set(ORDER) == COMMANDS.keys()
    assert len(PAIRS) == len(STATES) * len(COMMANDS)


@pytest.mark.parametrize(("state", "command", "expected"), PAIRS)
def test_a_command_meets_a_state(state: str, command: str, expected: str) -> None:
    decision = given(*STATES[state]).when(COMMANDS[command]).decision
    if decision.refusal is not None:
        assert decision.refusal.code == expected
    else:
        assert " ".join(event.NAME for _, _, event in decision.events) == expected
