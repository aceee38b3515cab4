"""The scheduler and the worker of the campaign on effects, with a process and an effect of its own.

`python -m tests.faults.effect_roles scheduler|worker RECEIVER_URL`
"""

import asyncio
import sys
from collections.abc import Iterable

import httpx

from application.process import Perform, Process, Reaction
from domain.kernel.events import Recorded
from domain.wallet.events import WalletOpened
from infrastructure.composition import run_scheduler, run_worker
from infrastructure.effects.effect import Effect, Kind, TryLater, World
from infrastructure.settings import load_settings

EFFECT = "test.call"
TARGETS = ("red", "green", "blue", "grey")
ANSWER_SECONDS = 5.0
OK = 200


def _opened(_recorded: Recorded) -> Iterable[Reaction]:
    return [Perform(EFFECT, target) for target in TARGETS]


CALLS = Process("calls", {WalletOpened: _opened})


def kind(receiver: str) -> Kind:
    """Tell the receiver each effect's id; what it does not answer well is tried again soon."""
    clients: list[httpx.AsyncClient] = []

    async def perform(_world: World, effect: Effect) -> str:
        if not clients:
            clients.append(httpx.AsyncClient(timeout=ANSWER_SECONDS))
        try:
            answer = await clients[0].post(receiver, content=str(effect.effect_id).encode())
        except httpx.HTTPError as error:
            raise TryLater(type(error).__name__) from error
        if answer.status_code != OK:
            raise TryLater(str(answer.status_code))
        return "told"

    return Kind(perform, attempts_max=1_000, first_retry_seconds=0.2, retry_seconds_max=2.0)


def main(role: str, receiver: str) -> None:
    """Run one role until it is killed."""
    settings = load_settings()
    if role == "scheduler":
        asyncio.run(run_scheduler(settings, processes=(CALLS,)))
    else:
        run_worker(settings, kinds={EFFECT: kind(receiver)})


if __name__ == "__main__":
    main(*sys.argv[1:])
