"""The REST interface as one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from infrastructure.settings import RELEASE
from interfaces.http.edge.gate import Gate
from interfaces.http.routes import ROUTES
from interfaces.http.routing.table import RouteTable
from interfaces.http.services import Services


def create_app(services: Services) -> Gate:
    """Build the application from its parts.

    FastAPI documents the routes and runs the lifespan; requests never reach it, for its own checks
    before a route (telemetry, middleware, dependencies) cost as much as a whole command here.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if services.lifespan is None:
            yield
        else:
            async with services.lifespan():
                yield

    app = FastAPI(
        title="Defter",
        version=RELEASE,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.router.routes.extend(ROUTES)
    return Gate(app, services=services, table=RouteTable(ROUTES))
