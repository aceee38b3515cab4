"""Standard Webhooks: secrets that a receiver keeps too, and signatures that only they make."""

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime

from standardwebhooks import Webhook

SECRET_PREFIX = "whsec_"  # noqa: S105 - how every secret begins
SECRET_BYTES = 24


def new_secret() -> str:
    """Make a secret; it is shown once and kept sealed."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature_headers(
    signers: Iterable[Webhook], *, delivery_id: str, at: datetime, body: bytes
) -> dict[str, str]:
    """Sign a body with every valid secret, so that a receiver may know any one of them."""
    text = body.decode()
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(one.sign(delivery_id, at, text) for one in signers),
    }
