"""What is said of staff, in requests and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from domain.identity.account import ROLES_PER_ACCOUNT_MAX
from domain.identity.roles import ROLE_PATTERN
from interfaces.http.wire.contacts import EmailText, PersonName
from interfaces.http.wire.fields import Body, Text

RoleName = Annotated[str, Field(pattern=f"^{ROLE_PATTERN.pattern}$", examples=["finance"])]
RoleNames = Annotated[
    tuple[RoleName, ...], Field(strict=False, min_length=1, max_length=ROLES_PER_ACCOUNT_MAX)
]


class StaffBody(Body):
    """A new staff member. They choose their password by a link that is mailed to them."""

    name: PersonName
    email: EmailText
    roles: RoleNames


class StaffAccountBody(Body):
    """How a staff member who only has keys logs in from now on."""

    email: EmailText
    roles: RoleNames


class RolesBody(Body):
    """All roles from now on."""

    roles: RoleNames


class StaffSuspensionBody(Body):
    """Why."""

    reason: Text


class NothingBody(Body):
    """Nothing more to say."""


class StaffView(BaseModel):
    """A staff member. `name` and `email` are told to those with pii.read alone.

    Who has no account only has keys; then there are no roles.
    """

    staff_id: str = Field(examples=["stf_01k3xq8m5wf2v9c7d4h6jt0b1n"])
    name: str | None
    email: str | None
    roles: list[str] = Field(examples=[["finance"]])
    account: bool
    verified: bool
    suspended: bool
    added_at: datetime


class StaffPageView(BaseModel):
    """A page of staff."""

    items: list[StaffView]
    next_cursor: str | None
