"""Defter as a contender, with everything on: key, quota, validation, idempotency, read models."""

import base64
import json
import os
import random
import secrets
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp

import httpx
import psycopg

from benchmarks.processes import LOOPBACK, ROOT, ServerProcess, free_port

TENANT = "demo"
CURRENCY = "TRY"
WALLETS = 10_000
OPENING_MINOR = 1_000_000_000
BULK = 1_000
CATCH_UP_SECONDS_MAX = 600
POLL_SECONDS = 0.05
BACKGROUND = ("projector", "scheduler", "worker")
BACKGROUND_NICENESS = 5
PROGRAM = (sys.executable, "-P", "-m", "interfaces.cli")


@dataclass
class Defter:
    """An API process and all other roles on a database of their own."""

    database_url: str
    redis_url: str
    name: str = "defter"
    currency: str = CURRENCY
    process_counts: Sequence[int] = (1,)
    wallet_count: int = WALLETS
    wallets: Path = field(default_factory=lambda: Path(mkdtemp(prefix="defter-bench-")) / "wallets")
    key: str = ""
    root: Path = ROOT
    """The folder whose code runs; another checkout of Defter can stand beside this one."""

    catch_ups: list[float] = field(default_factory=list[float])
    """How long the read models took to catch up after each load, in seconds."""

    _roles: list[ServerProcess] = field(default_factory=list[ServerProcess])
    _port: int = field(default_factory=free_port)

    @property
    def headers(self) -> Mapping[str, str]:
        return {"X-API-Key": self.key}

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(self.root),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "DEFTER_MASTER_KEYS": base64.b64encode(b"benchmark" + bytes(23)).decode(),
            "DEFTER_PORT": str(self._port),
            "DEFTER_KEY_QUOTA_PER_SECOND": "1000000",
            "DEFTER_KEY_QUOTA_BURST": "2000000",
            "DEFTER_ADDRESS_LIMIT_REQUESTS": "1000000000",
        }

    def prepare(self) -> None:
        """Onboard a tenant, open and fund the wallets; a second time finds them."""
        self.onboard()
        self.start(1)
        try:
            self.open_wallets(self.wallet_ids())
        finally:
            self.stop()

    def onboard(self) -> None:
        from benchmarks.onboarding import onboard_bench_tenant  # noqa: PLC0415 - heavy

        master_key = self.environment["DEFTER_MASTER_KEYS"]
        self.key = onboard_bench_tenant(self.database_url, TENANT, CURRENCY, master_key)

    def wallet_ids(self) -> list[str]:
        if not self.wallets.exists():
            ids = [f"wal_{secrets.token_hex(16)}" for _ in range(self.wallet_count)]
            self.wallets.write_text("".join(f"{one}\n" for one in ids))
        return self.wallets.read_text().split()

    def open_wallets(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), BULK):
            some = ids[start : start + BULK]
            self.bulk(
                "/api/wallet/batch",
                [
                    {"currency": CURRENCY, "owner": f"cus{one[3:]}", "wallet_id": one}
                    for one in some
                ],
            )
            amount = {"minor": OPENING_MINOR, "currency": CURRENCY}
            self.bulk(
                "/api/wallet/top-ups/batch", [{"wallet_id": one, "amount": amount} for one in some]
            )

    def bulk(self, path: str, commands: Iterable[Mapping[str, object]]) -> None:
        answer = self.client.post(
            path,
            content=json.dumps({"mode": "independent", "commands": list(commands)}),
            headers={
                **self.headers,
                "content-type": "application/json",
                "idempotency-key": secrets.token_hex(16),
            },
        )
        refused = [one for one in answer.json()["results"] if one["status"] >= 400]  # noqa: PLR2004
        if refused:
            raise RuntimeError(f"a bulk was refused: {refused[0]}")

    def random_transfers(self, ids: Sequence[str], count: int) -> list[dict[str, object]]:
        return [
            {"source": source, "target": target, "amount": {"minor": 1, "currency": CURRENCY}}
            for source, target in (random.sample(ids, 2) for _ in range(count))
        ]

    def start(self, processes: int, *, background: Sequence[str] = BACKGROUND) -> str:
        assert processes == 1, "one API process writes the tenant"  # noqa: S101
        self._roles = [
            ServerProcess([*PROGRAM, "api"], port=self._port, environment=self.environment)
        ]
        for role in background:
            self.start_role(role)
        self._roles[0].wait_until_it_answers()
        for role in self._roles:
            role.wait_until_it_is_quiet()
        return f"{self.url}/api/wallet/transfers"

    def start_role(self, role: str) -> None:
        command = ["nice", "-n", str(BACKGROUND_NICENESS), *PROGRAM, role]
        self._roles.append(ServerProcess(command, port=self._port, environment=self.environment))

    def resident_bytes(self) -> int:
        return self._roles[0].resident_bytes()

    def cpu_seconds(self) -> float:
        return self._roles[0].cpu_seconds()

    def stop(self) -> None:
        """Let the read models catch up, timed, then stop the roles."""
        if self._roles:
            self.catch_ups.append(self.wait_for_read_models())
        self.stop_roles()

    def stop_roles(self) -> None:
        for role in self._roles:
            role.stop()
        self._roles = []

    def wait_for_read_models(self, checkpoints: int = 1) -> float:
        began = time.monotonic()
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            while time.monotonic() - began < CATCH_UP_SECONDS_MAX:
                behind, there = connection.execute(BEHIND).fetchone() or (0, 0)
                if not behind and there >= checkpoints:
                    return time.monotonic() - began
                time.sleep(POLL_SECONDS)
        raise TimeoutError("the read models did not catch up")

    def check(self) -> None:
        """Raise unless all balances sum to zero and wallets hold what was put in."""
        with psycopg.connect(self.database_url) as connection:
            row = connection.execute(CONSERVED).fetchone()
        if row is None or row[0] != 0 or row[1] != row[2]:
            raise AssertionError(f"money was not conserved: {row}")

    @cached_property
    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=60)


BEHIND = """
SELECT count(*) FILTER (WHERE c.position < (
           SELECT max(e.position) FROM defter.events e WHERE e.tenant_id = c.tenant_id)),
       count(*)
FROM defter.checkpoints c
"""
CONSERVED = """
SELECT (SELECT coalesce(sum(debit) - sum(credit), 0) FROM read_models.ledger_code_days_v2),
       (SELECT sum(available) FROM read_models.wallet_balances_v2),
       (SELECT sum(credit) - sum(debit) FROM read_models.ledger_code_days_v2
        WHERE code = 'wallet.cash')
"""
