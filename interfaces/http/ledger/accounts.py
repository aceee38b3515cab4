"""Add accounts to the chart."""

from typing import Annotated

import msgspec
from pydantic import BaseModel, Field

from application.ledger.accounts import OpenAccount
from application.permissions import Permission
from domain.ledger.accounts import AccountType
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import AccountCode, Body, Name


class AccountBody(Body):
    """An account of your own."""

    code: AccountCode
    type: Annotated[AccountType, Field(strict=False)]
    name: Name


class AccountOpenedView(BaseModel):
    """The account that was added."""

    code: str = Field(examples=["sales.books"])


def _open(asked: Asked[AccountBody]) -> OpenAccount:
    return OpenAccount(asked.body.code, asked.body.type, asked.body.name)


def _opened(asked: Asked[AccountBody], _body: bytes) -> bytes:
    return msgspec.json.encode({"code": asked.body.code})


OPEN = CommandRoute(
    "/api/ledger/accounts",
    OpenAccount,
    AccountBody,
    _open,
    permission=Permission.LEDGER_POST,
    result=AccountOpenedView,
    summary="Add an account to the chart",
    moves_money=False,
    staff_only=True,
    answer=_opened,
)
