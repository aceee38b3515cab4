"""Every operation of the OpenAPI document, called with what belongs to another tenant.

In each round one tenant has new
things of every kind, and another one's staff and customer ask for each of them, in paths, bodies,
filters and headers, beside the same request for what never existed. Both answers must be the same
but for the name asked for; none may hold a word of the other tenant; and the other's log must not
know who asked.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

import httpx

from tests.faults.neighbours import Tenant
from tests.faults.tenants.belongings import Belongings, Ids, belongings, lookalikes
from tests.faults.tenants.probes import Operation, Probe, named_in, operations_of, probes_of

TRIES = 4
"""So often a pair is asked before its difference counts: read models may lie between the two."""
BETWEEN_TRIES_SECONDS = 0.3
UNAUTHENTICATED = 401


@dataclass
class Campaign:
    """What was asked, and what leaked."""

    http: httpx.Client
    ours: Tenant
    theirs: Tenant
    chance: random.Random
    requests: int = 0
    pairs: int = 0
    mixed: int = 0
    answers: Counter[int] = field(default_factory=Counter[int])
    leaks: list[str] = field(default_factory=list[str])

    def run(self, rounds: int, only: Sequence[str] = ()) -> None:
        """Lay things down and ask for them, so many times; of operations that are named alone."""
        url = f"{self.ours.url}/api/openapi.json"
        described = self.http.get(url).json()
        every = operations_of(described)
        operations = [one for one in every if not only or one.name in only]
        for _ in range(rounds):
            self._round(operations)

    def _round(self, operations: Sequence[Operation]) -> None:
        own, neighbour = (belongings(self.http, self.ours) for _ in range(2))
        others = belongings(self.http, self.theirs)
        never = lookalikes(others.ids, self.chance)
        nobody = lookalikes(neighbour.ids, self.chance)
        staff, customer = self.ours.staff, own.bearer
        callers = (
            ("staff", staff, others, never),
            ("customer", customer, others, never),
            ("customer beside another", customer, neighbour, nobody),
        )
        for operation in operations:
            for name, headers, whose, instead in callers:
                beside = whose is neighbour
                for probe in probes_of(operation, own.ids, in_paths_alone=beside):
                    self._pair(f"{name}: {probe.label}", probe, headers, whose, instead)
            acted = {"Defter-Act-For": "{customer_id}"}
            probe = Probe.of(operation, own.ids, headers=acted)
            self._pair(f"acting: {probe.label}", probe, staff, others, never)
            self._mixed(Probe.of(operation, own.ids), operation, others)
        self._unharmed(others, own)

    def _pair(
        self, label: str, probe: Probe, headers: dict[str, str], whose: Belongings, instead: Ids
    ) -> None:
        """Ask for what is another's, and for what is nobody's."""
        different, status = "", 0
        for attempt in range(TRIES):
            time.sleep(BETWEEN_TRIES_SECONDS * bool(attempt))
            real = probe.send(self.http, self.ours.url, whose.ids, headers)
            none = probe.send(self.http, self.ours.url, instead, headers)
            self.requests += 2
            self._look(label, real, probe, whose)
            status = real.status_code
            different = _difference(real, none, whose.ids, instead)
            if not different:
                break
        self.pairs += 1
        self.answers[status] += 1
        if different:
            self.leaks.append(f"{label}: {different}")

    def _look(self, label: str, answer: httpx.Response, probe: Probe, whose: Belongings) -> None:
        """Search an answer for words of theirs that were not in the question."""
        told = probe.said(whose.ids)
        for word in whose.words - {one for one in whose.words if one in told}:
            if word in answer.text or word in str(answer.headers):
                self.leaks.append(f"{label}: the answer knows {word}")

    def _mixed(self, probe: Probe, operation: Operation, others: Belongings) -> None:
        """Come with a key of ours and a token of theirs."""
        for name, key in (("publishable", self.ours.publishable), ("secret", self.ours.secret)):
            headers = {"X-API-Key": key, "Authorization": others.bearer["Authorization"]}
            if operation.public or operation.hands_out_tokens:
                continue
            answer = probe.send(self.http, self.ours.url, others.ids, headers)
            self.requests += 1
            self.mixed += 1
            if (answer.status_code, answer.json().get("code")) != (
                UNAUTHENTICATED,
                "tenant.disagreement",
            ):
                self.leaks.append(f"{name} key, their token: {probe.label}: {answer.text}")

    def _unharmed(self, others: Belongings, own: Belongings) -> None:
        """Prove that nothing of theirs was touched: their log knows nobody of ours."""
        for actor in (self.ours.staff_id, own.ids["customer_id"]):
            url = f"{self.theirs.url}/api/events"
            answer = self.http.get(url, params={"actor": actor}, headers=self.theirs.staff)
            if answer.json():
                self.leaks.append(f"{actor} acted in the other tenant: {answer.text[:300]}")
        for tenant, bearer in ((self.ours, own.bearer), (self.theirs, others.bearer)):
            tenant.done(self.http, "GET", "/api/auth/sessions", None, bearer)
        body = {"refresh_token": others.refresh_token}
        key = {"X-API-Key": self.theirs.publishable}
        self.theirs.done(self.http, "POST", "/api/auth/refresh", body, key)


def _difference(real: httpx.Response, none: httpx.Response, ids: Ids, instead: Ids) -> str:
    """Tell how two answers differ beyond the name that was asked for; nothing if they do not."""
    seen, expected = _known(real, ids), _known(none, instead)
    return "" if seen == expected else f"{seen} and not {expected}"


def _known(answer: httpx.Response, ids: Ids) -> object:
    """Give all of an answer that must not depend on whether its object exists elsewhere."""
    kind = answer.headers.get("content-type", "")
    if "json" not in kind or not answer.content:
        return answer.status_code, kind
    told = answer.json()
    if answer.is_success:
        return answer.status_code, kind, _shape(told)
    told.pop("request_id", None)
    return answer.status_code, kind, named_in(told, ids)


def _shape(told: object) -> object:
    """Give the names and types: of what was made, ids and times differ."""
    if isinstance(told, dict):
        members = cast("dict[str, object]", told)
        return {name: _shape(value) for name, value in members.items()}
    if isinstance(told, list):
        return bool(cast("list[object]", told))
    return type(told).__name__


def campaign(
    ours: Tenant,
    theirs: Tenant,
    *,
    rounds: int,
    seed: int,
    only: Sequence[str] = (),
    through: Callable[[], httpx.BaseTransport] | None = None,
) -> Campaign:
    """Run the campaign, tell what was asked, and give all of it."""
    chance = random.Random(seed)  # noqa: S311 - a seed
    transport = through() if through else None
    with httpx.Client(timeout=30, transport=transport) as http:
        made = Campaign(http, ours, theirs, chance)
        made.run(rounds, only)
    sys.stdout.write(
        f"{rounds} rounds, {made.requests:,} requests, {made.pairs:,} pairs,"
        f" {made.mixed:,} mixed credentials, {len(made.leaks)} leaks;"
        f" answers {dict(sorted(made.answers.items()))}\n"
    )
    sys.stdout.writelines(f"  {leak}\n" for leak in made.leaks[:40])
    return made
