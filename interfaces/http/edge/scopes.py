"""Nobody gives away more than they have."""

from collections.abc import Iterable

from application.permissions import EVERYTHING, Permission
from interfaces.http.edge.exchange import Principal
from interfaces.http.wire.problems import Problem

_PERMISSIONS = frozenset(permission.value for permission in Permission)


def check_scopes(principal: Principal, scopes: Iterable[str]) -> None:
    """Refuse to hand out, by a key or a role, what the caller may not do."""
    beyond = sorted(scope for scope in set(scopes) if not _may_give(principal, scope))
    if beyond:
        raise Problem(
            403,
            "auth.scope_exceeded",
            "nobody hands out more than they may do themselves",
            facts={"scope": beyond[0]},
        )


def _may_give(principal: Principal, scope: str) -> bool:
    if scope == EVERYTHING:
        return all(principal.may(one) for one in Permission if one.of_tenants)
    if scope in _PERMISSIONS:
        return principal.may(Permission(scope))
    return scope in principal.scopes  # of an earlier release; it opens nothing any more
