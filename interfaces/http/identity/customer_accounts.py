"""Let customers log in who have a record but did not register themselves."""

from application.identity.accounts import AccountResult
from application.identity.invitations import OpenCustomerAccount
from application.identity.logins import LoginNeeded
from application.permissions import Permission
from domain.kernel.events import Personal
from domain.users.customer import CustomerNotFound
from interfaces.http.edge.exchange import Exchange
from interfaces.http.identity.staff_shapes import NothingBody
from interfaces.http.routing.command import CommandRoute
from interfaces.http.wire.contacts import email_address
from projections.users import customers

READ_MODEL = "users_customers"


class CustomerAccountRoute(CommandRoute[NothingBody]):
    """Opens an account with the address that the customer is reached at."""

    async def respond(self, exchange: Exchange) -> None:
        """Parse, look the address up, send, answer."""
        asked, fields = await self.parse(exchange)
        customer_id = asked.path["customer_id"]
        email = await email_address(exchange, await _address_of(exchange, customer_id))
        command = OpenCustomerAccount(customer_id, email)
        outcome = await exchange.services.sender.send(self.envelope(asked, fields, command))
        await self.answer(asked, outcome)


async def _address_of(exchange: Exchange, customer_id: str) -> str:
    """Open the address; it is told to nobody, so no permission to read it is asked for."""
    services, tenant_id = exchange.services, exchange.principal.tenant_id
    async with services.reads.tenant(tenant_id, projections=(READ_MODEL,)) as view:
        row = await customers.customer(view.connection, tenant_id, customer_id)
        if row is None:
            raise CustomerNotFound("there is no such customer")
        sealed = Personal(customer_id, sealed=row["email_sealed"])
        given = [sealed] if row["email_sealed"] else []
        texts = await services.opener.open(view.connection, tenant_id, given)
    email = texts.get(sealed)
    if email is None:
        raise LoginNeeded("whoever logs in needs an e-mail address; enter it first")
    return email


OPEN = CustomerAccountRoute(
    "/api/customers/{customer_id}/account",
    OpenCustomerAccount,
    NothingBody,
    permission=Permission.IDENTITY_MANAGE,
    result=AccountResult,
    summary="Let a customer log in with the address that they are reached at",
    moves_money=False,
    staff_only=True,
)
