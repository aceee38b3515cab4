"""What the rules say no with: each refusal is a type with a stable public code."""

from typing import ClassVar


class Refusal(Exception):
    """A business answer of "no": stable `code` for machines, one sentence for people."""

    code: ClassVar[str]

    def __init__(self, detail: str, **facts: str | int) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class Invalid(Refusal):
    """What was asked can not be right, whatever the state."""


class NotFound(Refusal):
    """What was named is not there for this caller."""


class RuleBroken(Refusal):
    """The state does not allow what was asked."""


class Forbidden(Refusal):
    """The caller may not ask for this."""


class PreconditionFailed(Refusal):
    """The caller decided on a version that is no longer the current one."""
