"""How often single operations may be asked: by rules of the installation and of each tenant.

Counted is what comes with one key from one address, so that customers who share a publishable key
do not use up one another's. A tenant's rule comes beside the installation's, never instead of it.
"""

from collections.abc import Mapping
from functools import lru_cache

from domain.tenants.settings import EVERY_OPERATION, rule_of
from infrastructure.redis.quota import Quota, Rate
from infrastructure.settings_sources import SettingsWrong
from interfaces.http.edge.addresses import AddressLimit
from interfaces.http.edge.exchange import Exchange
from interfaces.http.edge.limits import Limit
from interfaces.http.parts import Rules

TENANTS_KEPT_MAX = 1_000
"""For so many tenants the limits that their rules make are kept."""

NOT_RULED = frozenset({"tenants_limits", "tenants_change_limits"})
"""What a tenant's rules do not count, or nobody could take back one that is too strict."""

Limits = Mapping[str, tuple[str, Limit]]


class RuledOperations:
    """The layer that counts what has a rule."""

    def __init__(
        self, quota: Quota, rules: Rules, addresses: AddressLimit, everywhere: tuple[str, ...]
    ) -> None:
        self._quota = quota
        self._rules = rules
        self._addresses = addresses
        self._everywhere = self._limits("route", everywhere)
        self._of_tenant = lru_cache(TENANTS_KEPT_MAX)(self._limits)

    async def __call__(self, exchange: Exchange) -> None:
        """Count the request by the rules that it has."""
        route = exchange.route
        operation = "" if route is None else route.operation_id or ""
        if self._everywhere:
            await self._count(exchange, operation, self._everywhere)
        rules = await self._rules.of(exchange.principal.tenant_id)
        if rules and operation not in NOT_RULED:
            await self._count(exchange, operation, self._of_tenant("tenant", rules))

    async def _count(self, exchange: Exchange, operation: str, limits: Limits) -> None:
        found = limits.get(operation) or limits.get(EVERY_OPERATION)
        if found is None:
            return
        ruled, limit = found
        principal = exchange.principal
        who = f"{principal.tenant_id}:{principal.key_id}:{self._addresses.hashed(exchange)}"
        await limit.count(exchange, f"{ruled}:{operation}:{who}")

    def _limits(self, name: str, rules: tuple[str, ...]) -> Limits:
        read = [rule for text in rules if (rule := rule_of(text))]
        return {
            rule.operation: (
                # A rule that was changed begins to count anew.
                f"{name}:{rule.requests}/{rule.seconds}",
                Limit(
                    name,
                    Rate(rule.requests / rule.seconds, rule.requests),
                    self._quota,
                    code="request.route_limited",
                    detail="this was asked too often from here; come again a little later",
                ),
            )
            for rule in read
        }


def check_rules(rules: tuple[str, ...], operations: frozenset[str]) -> None:
    """Raise `SettingsWrong` for a rule of the installation that is about no operation."""
    unknown = unknown_operation(rules, operations)
    if unknown is not None:
        raise SettingsWrong(f"route_limits: there is no operation {unknown}; see /api/docs")


def unknown_operation(rules: tuple[str, ...], operations: frozenset[str]) -> str | None:
    """Give an operation that has a rule and does not exist."""
    named = {rule.operation for text in rules if (rule := rule_of(text))}
    return min(named - operations - {EVERY_OPERATION}, default=None)
