"""What the built-in roles may do. Roles of a tenant's own stand in its log."""

from collections.abc import Mapping

from application.permissions import Permission
from domain.identity.roles import BuiltIn, Roles

P = Permission

_FINANCE = {
    P.IDENTITY_SELF,
    P.WALLET_READ,
    P.WALLET_OPEN,
    P.WALLET_FUND,
    P.WALLET_HOLD,
    P.WALLET_GRANT_BONUS,
    P.WALLET_FREEZE,
    P.WALLET_REQUEST,
    P.WALLET_ADJUST,
    P.WALLET_APPROVE,
    P.WALLET_GIFT_ISSUE,
    P.WALLET_LIMITS,
    P.LEDGER_READ,
    P.LEDGER_POST,
    P.LEDGER_CLOSE,
    P.USERS_READ,
    P.PII_READ,
    P.EVENTS_READ,
    P.AUDIT_READ,
    P.SETTINGS_READ,
    P.CATALOG_READ,
    P.STOCK_READ,
    P.PRICING_READ,
    P.PRICING_MANAGE,
}

PERMISSIONS_OF: Mapping[BuiltIn, frozenset[Permission]] = {
    BuiltIn.PLATFORM_ADMIN: frozenset(Permission),
    BuiltIn.TENANT_ADMIN: frozenset(one for one in Permission if one.of_tenants),
    BuiltIn.FINANCE: frozenset(_FINANCE),
    BuiltIn.AUDITOR: frozenset(
        {
            P.IDENTITY_SELF,
            P.WALLET_READ,
            P.LEDGER_READ,
            P.EVENTS_READ,
            P.USERS_READ,
            P.IDENTITY_READ,
            P.EFFECTS_READ,
            P.SETTINGS_READ,
            P.AUDIT_READ,
            P.CATALOG_READ,
            P.CATALOG_FEED,
            P.STOCK_READ,
            P.PRICING_READ,
        }
    ),
    BuiltIn.SUPPORT: frozenset(
        {
            P.IDENTITY_SELF,
            P.WALLET_READ,
            P.WALLET_REQUEST,
            P.USERS_READ,
            P.USERS_MANAGE,
            P.PII_READ,
            P.IDENTITY_READ,
            P.CATALOG_READ,
            P.STOCK_READ,
            P.PRICING_READ,
        }
    ),
    BuiltIn.WAREHOUSE: frozenset(
        {P.IDENTITY_SELF, P.CATALOG_READ, P.STOCK_READ, P.STOCK_MANAGE, P.STOCK_RESERVE}
    ),
    BuiltIn.DEALER: frozenset({P.IDENTITY_SELF}),
    BuiltIn.CUSTOMER: frozenset(
        {
            P.IDENTITY_SELF,
            P.WALLET_READ,
            P.WALLET_TRANSFER,
            P.WALLET_REQUEST,
            P.WALLET_GIFT_REDEEM,
            P.USERS_READ,
            P.USERS_MANAGE,
            P.PII_READ,
        }
    ),
}
"""A customer's reach ends at their own: every route they may call asks whose it is."""


def scopes_of(given: tuple[str, ...], roles: Roles | None) -> frozenset[str]:
    """Give all that an account's roles allow; a role that was removed allows nothing."""
    scopes: set[str] = set()
    for role in given:
        if role in PERMISSIONS_OF:
            scopes |= PERMISSIONS_OF[BuiltIn(role)]
        elif roles is not None:
            scopes |= set(roles.own.get(role, ()))
    return frozenset(scopes)
