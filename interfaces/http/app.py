"""The REST interface as one ASGI application."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.routing import Router

from interfaces.http.description import describe
from interfaces.http.edge.gate import Gate
from interfaces.http.operations.documents import document_routes
from interfaces.http.parts import Services
from interfaces.http.routes import ROUTES
from interfaces.http.routing.route import DefterRoute
from interfaces.http.routing.table import RouteTable


def create_app(services: Services) -> Gate:
    """Build the application from its parts.

    FastAPI's routes describe themselves; requests take the gate's way, for FastAPI's own way to a
    route (telemetry, middleware, dependencies) costs as much as a whole command here.
    """

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncGenerator[None]:
        if services.lifespan is None:
            yield
            return
        async with services.lifespan():
            yield

    routes: tuple[DefterRoute, ...] = (*ROUTES, *document_routes(lambda: describe(routes)))
    return Gate(Router(lifespan=lifespan), services=services, table=RouteTable(routes))
