"""Who was erased is forgotten beside the log too (USR-10)."""

from collections.abc import Iterable
from typing import Any

from application.process import Forget, Process, Reaction
from domain.kernel.events import Recorded
from domain.users.events import PersonErased


def _erased(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    hashes: list[str | None] = [event.email_key, event.login_key]
    yield Forget(event.customer_id, tuple(dict.fromkeys(one for one in hashes if one)))


ERASURES = Process("erasures", {PersonErased: _erased})
