"""The ceiling: parse a JSON body, answer a small one, nothing else.

What a run of this app reaches is what the machine, uvicorn and the load generator allow together.
"""

import json

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ANSWER = b'{"status":"accepted"}'


async def accept_transfer(request: Request) -> Response:
    json.loads(await request.body())
    return Response(ANSWER, status_code=201, media_type="application/json")


app = Starlette(routes=[Route("/transfers", accept_transfer, methods=["POST"])])
