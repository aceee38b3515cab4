"""Webhook endpoints as tests speak of them."""

from domain.channels.events import EndpointRegistered
from domain.kernel.events import Personal

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - of nobody
NEW_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105 - as above
HOOK, OTHER = "whe_hook", "whe_other"
URL = "https://hooks.example/defter"


def registered(
    endpoint_id: str = HOOK,
    *types: str,
    url: str = URL,
    test: bool = False,
    secret: str = SECRET,
    description: str | None = None,
) -> EndpointRegistered:
    """An endpoint was registered, for everything where no types are given."""
    return EndpointRegistered(
        endpoint_id,
        url,
        types or ("*",),
        test,
        Personal(endpoint_id, description) if description else None,
        Personal(endpoint_id, secret),
    )
