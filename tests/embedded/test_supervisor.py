import os
import re
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.embedded.processes import Script, processes_of, until

Run = Callable[..., Script]

SUPERVISE = """
import sys, time
from pathlib import Path
import infrastructure.supervisor as supervisor
from infrastructure.embedded.servers import embedded_servers

folder, serves, behaviour = Path(sys.argv[1]), sys.argv[2] == "serve", sys.argv[3]
role = '''
import os, signal, sys, time
from pathlib import Path
folder, name, behaviour = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
def stop(*_):
    os.write(1, (name + " asked to stop\\\\n").encode())  # one write: two roles share the pipe
    if behaviour != "stubborn":
        sys.exit(0)
signal.signal(signal.SIGTERM, stop)
(folder / (name + ".pid")).write_text(str(os.getpid()))
if behaviour == "hanging" and name == "first" and os.environ["ROLE_RESTARTS"] == "0":
    import asyncio
    from infrastructure.heartbeat import beat
    async def hang():
        beating = asyncio.create_task(beat())
        await asyncio.sleep(0)
        time.sleep(600)
    asyncio.run(hang())
while True:
    time.sleep(600)
'''
roles = [
    supervisor.Role(
        name,
        (sys.executable, "-c", role, str(folder), name, behaviour),
        is_ready=(folder / (name + ".pid")).exists,
    )
    for name in ("first", "second")
]
supervisor.STOP_GRACE_SECONDS = 3.0 if behaviour == "stubborn" else 20.0
supervisor.HEARTBEAT_SECONDS_MAX = 0.5 if behaviour == "hanging" else 30.0
say = lambda: print("ready", flush=True)
if serves:
    with embedded_servers(folder) as servers:
        print(servers.postgres_pid, servers.valkey_pid, flush=True)
        supervisor.Supervisor(roles, watched=(servers.postgres, servers.valkey)).run(say)
else:
    supervisor.Supervisor(roles).run(say)
print("ended", flush=True)
"""


def role_pid(folder: Path, name: str) -> int:
    return int((folder / f"{name}.pid").read_text() or 0)


def test_stops_every_role_on_sigterm_and_leaves_no_process(tmp_path: Path, run: Run) -> None:
    script = run(SUPERVISE, tmp_path, "alone", "kind")
    assert script.line() == "ready"
    script.process.terminate()
    spoken = script.rest().split("\n")
    assert {"first asked to stop", "second asked to stop", "ended"} <= set(spoken)
    assert script.process.returncode == 0
    assert processes_of(tmp_path) == set()


def test_starts_a_killed_role_again(tmp_path: Path, run: Run) -> None:
    script = run(SUPERVISE, tmp_path, "alone", "kind")
    assert script.line() == "ready"
    killed = role_pid(tmp_path, "first")
    os.kill(killed, signal.SIGKILL)
    until(lambda: role_pid(tmp_path, "first") not in (0, killed))
    script.process.terminate()
    assert "process_ended" in script.rest()
    assert processes_of(tmp_path) == set()


@pytest.mark.row("OBS-10")
def test_a_role_that_lives_but_hangs_is_ended_and_started_again(tmp_path: Path, run: Run) -> None:
    script = run(SUPERVISE, tmp_path, "alone", "hanging")
    assert script.line() == "ready"
    hung, other = role_pid(tmp_path, "first"), role_pid(tmp_path, "second")
    until(lambda: role_pid(tmp_path, "first") not in (0, hung))
    assert role_pid(tmp_path, "second") == other
    script.process.terminate()
    spoken = script.rest()
    assert "process_hung" in spoken
    assert "restarts=1" in re.sub(r"\x1b\[\d*m", "", spoken)
    assert processes_of(tmp_path) == set()


def test_a_role_that_does_not_stop_is_ended_after_its_grace(tmp_path: Path, run: Run) -> None:
    script = run(SUPERVISE, tmp_path, "alone", "stubborn")
    assert script.line() == "ready"
    script.process.send_signal(signal.SIGINT)
    while (spoken := script.line()) != "first asked to stop":
        assert spoken, "the supervisor ended before the role was asked"
    script.process.send_signal(signal.SIGINT)
    spoken = script.rest()
    assert "stopping, one moment" in spoken
    assert "process_killed" in spoken
    assert script.process.returncode == 0
    assert processes_of(tmp_path) == set()


def test_roles_end_with_a_killed_supervisor(tmp_path: Path, run: Run) -> None:
    script = run(SUPERVISE, tmp_path, "alone", "kind")
    assert script.line() == "ready"
    script.process.kill()
    until(lambda: not processes_of(tmp_path))


def test_starts_killed_servers_again_and_stops_them_after_the_roles(folder: Path, run: Run) -> None:
    script = run(SUPERVISE, folder, "serve", "kind")
    servers = set(map(int, script.line().split()))
    assert script.line() == "ready"
    for pid in servers:
        os.kill(pid, signal.SIGKILL)

    def is_back() -> bool:
        pid_file = folder / "postgres" / "data" / "postmaster.pid"
        lines: list[str] = []
        with suppress(FileNotFoundError):  # it is taken away and written anew at any moment
            lines = pid_file.read_text().split()
        return bool(lines) and lines[-1] == "ready" and int(lines[0]) not in servers

    until(is_back)
    script.process.send_signal(signal.SIGINT)
    assert script.rest().endswith("ended\n")
    assert processes_of(folder) == set()
