"""What nobody is shown of events, states and rows, whoever looks."""

SEALED = "[sealed]"

SECRET_NAMES = frozenset(
    {
        "secret",
        "key_hash",
        "code_hash",
        "login_key",
        "former_login_key",
        "email_key",
        "former_email_key",
        "phone_key",
        "former_phone_key",
    }
)
"""Fields of these names are left out: what opens or signs something, and hashes of it. A test finds
one of events and states that sounds like it and is not here."""
