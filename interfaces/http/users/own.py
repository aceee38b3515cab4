"""Whose matters are one's own."""

from domain.users.customer import CustomerNotFound
from interfaces.http.edge.exchange import Exchange


def own_customer(exchange: Exchange) -> str:
    """Give the customer who asks, or whom staff act for; staff themselves have no such record."""
    if exchange.on_behalf_of is None:
        raise CustomerNotFound("staff have no customer's record; name one in Defter-Act-For")
    return exchange.on_behalf_of


def own_person(exchange: Exchange) -> str:
    """Give the person who asks, staff or customer, or whom staff act for."""
    return exchange.on_behalf_of or exchange.principal.actor_id
