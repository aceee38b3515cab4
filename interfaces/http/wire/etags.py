"""Versions as entity tags (RFC 9110, 8.8.3): strong, and no more than the number."""

import re

from interfaces.http.wire.problems import Problem

_TAG = re.compile(rb'"(0|[1-9][0-9]{0,17})"')


def tag_of(version: int) -> bytes:
    """Give the entity tag of a version."""
    return b'"%d"' % version


def expected_version(if_match: bytes) -> int:
    """Read the version that a caller decided on."""
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise Problem(
            400, "request.if_match_invalid", 'If-Match is one ETag as a query gave it, such as "7"'
        )
    return int(found[1])


def unchanged(if_none_match: bytes | None, tag: bytes) -> bool:
    """Tell whether the caller has this very version."""
    if if_none_match is None:
        return False
    given = (one.strip().removeprefix(b"W/") for one in if_none_match.split(b","))
    return any(one in (tag, b"*") for one in given)
