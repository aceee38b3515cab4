"""The last layer: whether who asks may do what the route does."""

from domain.kernel.ids import ID_LENGTH_MAX
from interfaces.http.edge.exchange import Exchange, Principal, PrincipalKind
from interfaces.http.wire.fields import is_customer_id
from interfaces.http.wire.problems import FieldError, Problem, unauthenticated

ACT_FOR_HEADER = b"defter-act-for"


def check_permission(exchange: Exchange) -> None:
    """Refuse who lacks the route's permission, and note whose matters these are."""
    route, principal = exchange.route, exchange.principal
    exchange.on_behalf_of = _acted_for(exchange, principal)
    if route is None or route.permission is None:
        return
    if principal.kind is PrincipalKind.ANYBODY:
        raise _login_required()
    if not principal.may(route.permission):
        raise Problem(
            403,
            "auth.permission_missing",
            f"this needs the permission {route.permission.value}",
            facts={"permission": route.permission.value},
        )
    if route.staff_only and exchange.on_behalf_of is not None:
        raise Problem(403, "auth.staff_only", "no customer has this; leave Defter-Act-For away")


def _acted_for(exchange: Exchange, principal: Principal) -> str | None:
    """Give the customer whose matters these are: themselves, or whom a staff member acts for."""
    given = exchange.headers.get(ACT_FOR_HEADER)
    if principal.kind is PrincipalKind.CUSTOMER:
        if given not in {None, principal.actor_id.encode()}:
            raise Problem(403, "auth.staff_only", "customers act for themselves alone")
        return principal.actor_id
    if given is None:
        return None
    if principal.kind is PrincipalKind.ANYBODY:
        raise _login_required()
    customer = given.decode("latin-1")
    if len(customer) > ID_LENGTH_MAX or not is_customer_id(customer):
        raise Problem(
            422,
            "request.invalid",
            "Defter-Act-For names a customer",
            errors=[FieldError("", "field.wrong_format", "Defter-Act-For looks like cus_…")],
        )
    return customer


def _login_required() -> Problem:
    """Say that a publishable key is not enough."""
    return unauthenticated(
        "auth.login_required", "this needs somebody who has logged in, or a secret key"
    )
