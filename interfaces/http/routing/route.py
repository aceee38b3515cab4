"""What all routes share: FastAPI documents them, and they answer a request by themselves.

FastAPI's own way from request to function (dependencies, a model for the answer) costs more than
Defter's whole write path, so a route reads, sends and answers directly; its documentation comes
from the same declaration.
"""

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature
from typing import Annotated, Any

from fastapi import Header, Path
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from application.permissions import Permission
from interfaces.http.edge.exchange import Exchange
from interfaces.http.wire.documented import PROBLEM_RESPONSES
from interfaces.http.wire.fields import CUSTOMER_PATTERN


def to_nobody(_exchange: Exchange) -> bool:
    """Say that every request needs what the route asks for."""
    return False


REQUIRED = "Required."
"""How the text of a header begins that can not be left away."""


HEADER_PATTERNS: Mapping[str, str] = {
    "Idempotency-Key": "^[!-~]([ -~]{0,253}[!-~])?$",
    "Defter-Act-For": f"^{CUSTOMER_PATTERN}$",
    "Defter-Min-Position": "^[0-9]{1,18}$",
    "If-Match": '^"(0|[1-9][0-9]{0,17})"$',
}
"""What headers look like, for the description alone: whoever reads a header checks it."""


HEADER_EXAMPLES: Mapping[str, list[str]] = {
    "Idempotency-Key": ["order-4711"],
    "Defter-Act-For": ["cus_01k3xq8m5w"],
    "Defter-Min-Position": ["0"],
    "If-Match": ['"7"'],
}


class DefterRoute(APIRoute):
    """A route with one permission; None makes it public, or open to whoever has any key."""

    permission: Permission | None
    keyed: bool
    """Whether a request needs a key although it needs no permission: the key names the tenant."""
    guarded: bool
    """Whether a request has to come with a key."""
    login_traffic: bool
    """Whether a password, a mailed link or a new account is tried here: its address is counted."""
    hands_out_tokens: bool
    """Whether tokens are not looked at: one that expired must keep nobody from a new one."""
    staff_only: bool
    open_to: Callable[[Exchange], bool]
    """Whether a request needs no permission after all."""
    decided_by_log: bool = False
    """Whether all that comes of a request is decided by the log, which then tells as well whether
    the caller's rights are what they were."""
    command_name: str | None = None
    """The command whose latencies this route tells."""

    def __init__(  # noqa: PLR0913 - what is documented of a route
        self,
        path: str,
        *,
        method: str,
        permission: Permission | None,
        summary: str,
        name: str,
        tag: str,
        status: int,
        answer: Any,  # noqa: ANN401 - a model or a dataclass
        problems: Sequence[int],
        parameters: Sequence[Parameter] = (),
        headers: Mapping[str, str] | None = None,
        keyed: bool = False,
        login_traffic: bool = False,
        staff_only: bool = False,
        open_to: Callable[[Exchange], bool] = to_nobody,
        description: str | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        self.permission = permission
        self.keyed = keyed
        self.guarded = keyed or permission is not None
        self.login_traffic = login_traffic
        self.hands_out_tokens = login_traffic and permission is None
        self.staff_only = staff_only
        self.open_to = open_to
        super().__init__(
            path,
            _documented(path, parameters, headers or {}),
            methods=[method],
            response_model=answer,
            status_code=status,
            summary=summary,
            description=description,
            operation_id=name,
            tags=[tag],
            responses={number: PROBLEM_RESPONSES[number] for number in problems},
            openapi_extra={
                "security": _security(permission, keyed=keyed),
                **({} if permission is None else {"x-permission": permission.value}),
                **(extra or {}),
            },
        )

    @property
    def public_read(self) -> bool:
        """Whether everybody may read it who says whose it is."""
        return self.keyed and self.permission is None and self.methods == {"GET"}

    async def respond(self, exchange: Exchange) -> None:
        """Answer one request that was let in."""
        raise NotImplementedError

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - Starlette's
        """Refuse to be reached around the gate, where nobody was authenticated."""
        raise AssertionError("requests come through the gate")


def _security(permission: Permission | None, *, keyed: bool) -> list[dict[str, list[str]]]:
    if permission is not None:
        return [{"ApiKey": []}, {"ApiKey": [], "Session": []}]
    return [{"ApiKey": []}] if keyed else []


def _documented(
    path: str, parameters: Sequence[Parameter], headers: Mapping[str, str]
) -> Callable[..., None]:
    def endpoint() -> None:
        raise AssertionError("requests come through the gate")

    keyword = Parameter.KEYWORD_ONLY
    in_path = [
        Parameter(part[1:-1], keyword, annotation=Annotated[str, Path()])
        for part in path.split("/")
        if part.startswith("{")
    ]
    in_headers = [
        Parameter(
            name.lower().replace("-", "_"),
            keyword,
            default=Parameter.empty if text.startswith(REQUIRED) else None,
            # A header is a text or is not sent; it is never null.
            annotation=Annotated[
                str,
                Header(
                    alias=name,
                    description=text,
                    pattern=HEADER_PATTERNS.get(name),
                    examples=HEADER_EXAMPLES.get(name),
                ),
            ],
        )
        for name, text in headers.items()
    ]
    endpoint.__signature__ = Signature([*in_path, *parameters, *in_headers])  # type: ignore[attr-defined]
    return endpoint
