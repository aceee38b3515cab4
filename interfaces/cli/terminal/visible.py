"""Text that others wrote, made harmless for a terminal."""

import re

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters but tab and line feed, and those that turn the direction of writing."""


def visible(text: str) -> str:
    """Let nothing that is shown move the cursor, change colours or turn the writing around."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
