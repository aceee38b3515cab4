"""Who has logged in: the bearer of an access token, if the session is still under way."""

from collections.abc import Awaitable
from datetime import UTC, datetime
from functools import partial

from application.roles import scopes_of
from domain.identity.account import Kind
from domain.identity.roles import Roles
from infrastructure.identity.access_tokens import AccessTokens, Claims, TokenWrong
from infrastructure.identity.standing import Rights
from interfaces.http.edge.exchange import Assumed, Exchange, Principal, PrincipalKind
from interfaces.http.edge.permissions import check_permission
from interfaces.http.parts import AccountRights
from interfaces.http.wire.problems import Problem, unauthenticated

TOKEN_HEADER = b"authorization"
SCHEME = b"bearer "

SCOPES_MAX = 1_000
"""So many combinations of roles are worked out once; most tenants use a handful."""


class Sessions:
    """The layer of `Authorization: Bearer`. The key beside it names the tenant."""

    def __init__(self, tokens: AccessTokens, accounts: AccountRights) -> None:
        self._tokens = tokens
        self._accounts = accounts
        self._scopes: dict[tuple[object, object], frozenset[str]] = {}

    def __call__(self, exchange: Exchange) -> Awaitable[None] | None:
        """Let the person speak whose session this is; raises a 401 or 403."""
        given, route = exchange.headers.get(TOKEN_HEADER), exchange.route
        if given is None or (route is not None and route.hands_out_tokens):
            return None
        return self._log_in(exchange, given)

    async def _log_in(self, exchange: Exchange, given: bytes) -> None:
        if given[: len(SCHEME)].lower() != SCHEME:
            raise unauthenticated("auth.token_malformed", "Authorization is Bearer and a token")
        try:
            claims = await self._tokens.verify(given[len(SCHEME) :].strip())
        except TokenWrong as wrong:
            raise unauthenticated(wrong.code, wrong.detail) from wrong
        if claims.tenant_id != exchange.principal.tenant_id:
            raise unauthenticated("tenant.disagreement", "the token belongs to another tenant")
        if not self._assume(exchange, claims):
            await self._look(exchange, exchange.principal, claims)

    def _assume(self, exchange: Exchange, claims: Claims) -> bool:
        """Let a caller pass as they were seen last, where the log tells whether it is still so."""
        route, caller = exchange.route, exchange.principal
        if route is None or not route.decided_by_log:
            return False
        seen = self._accounts.last_seen(claims.tenant_id, claims.person_id)
        if seen is None:
            return False
        try:
            exchange.principal = self._principal(caller, seen, claims.session_id)
            check_permission(exchange)
        except Problem:  # they may have been given since what they lacked
            exchange.principal, exchange.on_behalf_of = caller, None
            return False
        confirm = partial(self._confirm, exchange, caller, claims)
        exchange.assumed = Assumed(seen.at, confirm, looked=False)
        return True

    async def _confirm(self, exchange: Exchange, caller: Principal, claims: Claims) -> None:
        """Look how a caller stands who was only assumed to; raises a 401 or 403."""
        await self._look(exchange, caller, claims)
        check_permission(exchange)

    async def _look(self, exchange: Exchange, caller: Principal, claims: Claims) -> None:
        """Let a caller pass as they stand now; by the time of a command the log may say more."""
        exchange.assumed = None
        rights = await self._accounts.rights(claims.tenant_id, claims.person_id)
        exchange.principal, exchange.on_behalf_of = caller, None
        exchange.principal = self._principal(caller, rights, claims.session_id)
        if exchange.route is not None and exchange.route.decided_by_log:
            confirm = partial(self._confirm, exchange, caller, claims)
            exchange.assumed = Assumed(rights.at, confirm, looked=True)

    def _principal(self, caller: Principal, rights: Rights, session_id: str) -> Principal:
        account, now = rights.account, datetime.now(UTC)
        session = None if account is None else account.sessions.get(session_id)
        if account is None or session is None or not session.live(now):
            raise unauthenticated("auth.session_ended", "the session is over; log in again")
        if account.suspended:
            raise Problem(403, "identity.account_suspended", "the account is suspended")
        staff = account.kind is Kind.STAFF
        return Principal(
            tenant_id=caller.tenant_id,
            slug=caller.slug,
            test=caller.test,
            actor_id=account.person_id,
            key_id=caller.key_id,
            kind=PrincipalKind.STAFF if staff else PrincipalKind.CUSTOMER,
            scopes=self._scopes_of(account.roles, rights.roles),
            session_id=session_id,
        )

    def _scopes_of(self, given: tuple[str, ...], roles: Roles | None) -> frozenset[str]:
        asked = (given, None if roles is None else tuple(sorted(roles.own.items())))
        found = self._scopes.get(asked)
        if found is None:
            if len(self._scopes) >= SCOPES_MAX:
                self._scopes.clear()
            found = self._scopes[asked] = scopes_of(given, roles)
        return found
