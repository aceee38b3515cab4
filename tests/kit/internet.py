"""An Internet of one machine, whose name servers say what a test tells them."""

import asyncio
import ssl
from collections.abc import Callable, Sequence

from infrastructure.channels.posting import Connection, Network

PUBLIC, OTHER_PUBLIC, INSIDE = "93.184.216.34", "93.184.216.35", "10.0.0.7"


class Internet(Network):
    """A network in which every address is this machine, and name servers say what they are told."""

    def __init__(self, *answers: Sequence[str], tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.answers = [*answers]
        self.asked: list[str] = []
        self.dialled: list[str] = []
        self.dead: set[str] = set()
        self.silent: set[str] = set()

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        assert port
        self.asked.append(host)
        return self.answers.pop(0)

    async def dial(
        self, address: str, port: int, make: Callable[[], Connection], *, tls_name: str | None
    ) -> Connection:
        self.dialled.append(address)
        if address in self.dead:
            raise ConnectionRefusedError
        if address in self.silent:
            await asyncio.Event().wait()
        return await super().dial("127.0.0.1", port, make, tls_name=tls_name)
