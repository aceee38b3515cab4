"""Fill the disk under load, give the room back; then prove that nothing acknowledged is lost.

`python -m tests.faults.full_disk --rounds 10 --seed 1` runs `defter serve` on a small file system
of its own, which takes the right to mount one (root). It is full from the moment that a command is
not decided any more, for some seconds; what PostgreSQL frees meanwhile is taken at once. Every
other time its write-ahead log finds no room either, which ends it.
"""

import argparse
import asyncio
import base64
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psycopg

from domain.tenants.tenant import KeyKind
from domain.wallet.scheme import SchemeMode
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer
from infrastructure.onboarding import FINANCE_SCOPES, NewStaff, NewTenant, Onboarded, onboard
from infrastructure.tenants.api_keys import NewApiKey, new_key
from tests.faults.checker import read_rows
from tests.faults.kills import Campaign, lira, verdict, wallet
from tests.faults.targets import MASTER_KEY, Stack, answers, free_port, wait_until

DISK_BYTES = 640 * 1024 * 1024
FILLED_AT_ONCE = (1 << 20, 1 << 12)
FULL_SECONDS = (1.0, 8.0)
FILL_PAUSE_SECONDS = 0.02
STARTED_SECONDS_MAX = 90.0
RESUMED_SECONDS_MAX = 60.0
STOPPED_SECONDS_MAX = 60.0
ANSWER_SECONDS = 12.0
LOG_MORE = "SELECT pg_logical_emit_message(false, 'full', repeat('x', 1000000))"
NOT_DECIDED = re.compile(r"503 service\.[a-z_]+")
"""The only answer beside a decision: with a code, and `Retry-After`."""

ENDED = re.compile(r"process_ended\b.*?process=.*?(\w+)")
COLOURS = re.compile(r"\x1b\[\d*m")


class NotPermitted(Exception):
    """No file system can be mounted here."""


@dataclass
class FullDisk:
    """The file system of a service, which can be filled."""

    folder: Path
    database_url: str
    chance: random.Random
    probe: Callable[[], bool]
    """Whether a command is decided."""

    name: str = "disk"
    full_seconds: list[float] = field(default_factory=list[float])
    resumed_seconds: list[float] = field(default_factory=list[float])

    def kill(self) -> None:
        """Fill it until nothing is decided and for a while longer, then give the room back."""
        ballast = self.folder / "ballast"
        with ballast.open("ab", buffering=0) as file:
            wait_until(lambda: _filled(file.fileno()) and not self.probe())
            began = time.monotonic()
            if len(self.full_seconds) % 2:
                _use_up_the_log(self.database_url)
            until = began + self.chance.uniform(*FULL_SECONDS)
            while time.monotonic() < until:
                _filled(file.fileno())
                time.sleep(FILL_PAUSE_SECONDS)
        ballast.unlink()
        given_back = time.monotonic()
        self.full_seconds.append(given_back - began)
        wait_until(self.probe)
        self.resumed_seconds.append(time.monotonic() - given_back)


def _filled(descriptor: int) -> bool:
    """Take all room that there is; always true."""
    for size in FILLED_AT_ONCE:
        piece = bytes(size)
        try:
            while os.write(descriptor, piece):
                pass
        except OSError:
            continue
    return True


def _use_up_the_log(database_url: str) -> None:
    """Write to PostgreSQL's log, and nowhere else, until that fails."""
    with suppress(psycopg.Error), psycopg.connect(database_url, autocommit=True) as connection:
        while True:
            connection.execute(LOG_MORE)


@contextmanager
def small_disk(folder: Path) -> Generator[Path]:
    """Mount a small file system on a folder."""
    mount = ("mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=711", "tmpfs", str(folder))
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except OSError as missing:
        raise NotPermitted(str(missing)) from missing
    if done.returncode != 0:
        raise NotPermitted(done.stderr.strip())
    try:
        yield folder
    finally:
        unmount = ("umount", "--lazy", str(folder))
        subprocess.run(unmount, check=True)


@contextmanager
def served(home: Path, disk: Path) -> Generator[tuple[Stack, Path]]:
    """Run `defter serve` with its data on the disk; gives its lines, too."""
    port, ready, lines = free_port(), home / "ready.json", home / "serve.log"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.endswith("_URL")},
        "DEFTER_MASTER_KEYS": base64.b64encode(MASTER_KEY).decode(),
        "DEFTER_LOG_FILE": str(disk / "{role}.jsonl"),
        "XDG_CONFIG_HOME": str(home),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    words = ("--port", str(port), "--data", str(disk / "data"), "--ready-file", str(ready))
    program = (sys.executable, "-m", "interfaces.cli", "serve", *words)
    with lines.open("wb") as output:
        service = subprocess.Popen(program, env=environment, stdout=output, stderr=output)
        try:
            wait_until(lambda: ready.exists() or service.poll() is not None)
            assert service.poll() is None, lines.read_text()
            told = json.loads(ready.read_text())
            key, made = asyncio.run(_onboarded(told["database_url"]))
            wait_until(lambda: answers(f"{told['url']}/api/ledger/accounts", key.secret))
            yield (
                Stack(
                    told["url"],
                    told["database_url"],
                    key.secret,
                    made.tenant_id,
                    made.staff_ids[0],
                    {},
                ),
                lines,
            )
            assert service.poll() is None, "the service ended"
        finally:
            service.terminate()
            service.wait(STOPPED_SECONDS_MAX)


async def _onboarded(database_url: str) -> tuple[NewApiKey, Onboarded]:
    key = new_key(KeyKind.SECRET, test=True)
    writer = Writer(database_url, MasterKeys(MASTER_KEY))
    await writer.start()
    try:
        tenant = NewTenant(
            slug="full-disk",
            name="Full disk campaign",
            base_currency="TRY",
            time_zone="Europe/Istanbul",
            mode=SchemeMode.LICENSED,
            test=True,
            staff=(NewStaff("Finance", FINANCE_SCOPES, key),),
        )
        return key, await onboard(writer, tenant)
    finally:
        await writer.stop()


def decided(stack: Stack) -> bool:
    """Send a command of its own and tell whether it was decided, be it by a refusal."""
    request = Request(  # noqa: S310 - our own address
        f"{stack.url}/api/wallet/{wallet(0)}/top-ups",
        data=json.dumps(lira(1)).encode(),
        headers={
            "X-API-Key": stack.secret_key,
            "Idempotency-Key": f"probe-{os.urandom(8).hex()}",
            "Content-Type": "application/json",
        },
    )
    try:
        with urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - our own address
            return "Defter-Position" in answer.headers
    except HTTPError as refused:
        return "Defter-Position" in refused.headers
    except (URLError, OSError):
        return False


def healthy(stack: Stack) -> bool:
    """Tell whether every part is well: read models and processes stand where the log does."""
    request = Request(f"{stack.url}/api/health", headers={"X-API-Key": stack.secret_key})  # noqa: S310 - our own
    try:
        with urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - our own address
            return json.load(answer)["status"] == "ok"
    except (URLError, OSError):
        return False


def proven(stack: Stack) -> bool:
    """Tell whether `defter ledger verify` finds the books sound."""
    words = ("ledger", "verify", "--database-url", stack.database_url)
    program = (sys.executable, "-m", "interfaces.cli", *words)
    return subprocess.run(program, stdout=subprocess.DEVNULL, check=False).returncode == 0


def judge(undecided: Counter[str], disk: FullDisk) -> list[str]:
    """Name every answer that leaves a client in doubt, and every round that did not resume."""
    wrong = [
        f"{count} clients were told {answer!r}"
        for answer, count in sorted(undecided.items())
        if not NOT_DECIDED.fullmatch(answer)
    ]
    late = [seconds for seconds in disk.resumed_seconds if seconds > RESUMED_SECONDS_MAX]
    return [*wrong, *(f"nothing was decided for {seconds:.0f} s after" for seconds in late)]


def campaign(*, rounds: int, seed: int) -> list[str]:
    """Carry the campaign out, print what came of it, and give what is wrong."""
    with (
        tempfile.TemporaryDirectory() as folder,
        small_disk(_made(Path(folder) / "disk")) as mounted,
        served(Path(folder), mounted) as (stack, lines),
    ):
        disk = FullDisk(mounted, stack.database_url, random.Random(seed), lambda: decided(stack))  # noqa: S311 - a seed
        stack.targets[disk.name] = disk
        load = Campaign(stack, seed)
        asyncio.run(load.run(disk.name, rounds))
        rows = read_rows(stack.database_url, stack.tenant_id)
        wait_until(lambda: healthy(stack))
        lost, doubled, problems = verdict(rows, load.told)
        if not proven(stack):
            problems.append("ledger verify found the books unsound")
        ended = Counter(ENDED.findall(COLOURS.sub("", lines.read_text())))
    _tell(load, disk, ended, lost=lost, doubled=doubled)
    return problems + judge(load.undecided, disk)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _tell(load: Campaign, disk: FullDisk, ended: Counter[str], *, lost: int, doubled: int) -> None:
    told = ", ".join(f"{count} × {answer}" for answer, count in load.undecided.most_common())
    ends = ", ".join(f"{count} × {process}" for process, count in ended.items()) or "none"
    sys.stdout.write(
        f"{load.faults} times full, {sum(disk.full_seconds):.0f} s in all;"
        f" {len(load.told):,} acknowledged, {lost} lost, {doubled} duplicated;"
        f" not decided at first: {told or 'none'};"
        f" decided again at most {max(disk.resumed_seconds):.1f} s after there was room;"
        f" ended and started again: {ends}\n"
    )


def main(words: Sequence[str]) -> int:
    """Run the campaign; ends with 1 if anything was lost, doubled or left in doubt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(words)
    try:
        wrong = campaign(rounds=asked.rounds, seed=asked.seed)
    except NotPermitted as why:
        sys.stdout.write(f"skipped: a small disk can not be mounted here ({why})\n")
        return 0
    for line in wrong:
        sys.stdout.write(f"WRONG: {line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
