import os
import shutil
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from infrastructure.embedded.failures import EmbeddedServerError, FolderInUse
from infrastructure.embedded.servers import Servers, embedded_servers
from tests.embedded.processes import Script, processes_of, until

Run = Callable[..., Script]

SERVE = """
import sys, time
from pathlib import Path
from infrastructure.embedded.servers import embedded_servers
with embedded_servers(Path(sys.argv[1])) as servers:
    print(servers.database_url, flush=True)
    time.sleep(600)
"""


def valkey_says(servers: Servers, *words: str | int) -> str:
    with redis.Redis.from_url(servers.redis_url) as client:  # pyright: ignore[reportUnknownMemberType]
        answer = client.execute_command(*words)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return str(answer)  # pyright: ignore[reportUnknownArgumentType]


def count_up(servers: Servers) -> tuple[int, int]:
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS visits (at timestamptz DEFAULT now())")
        connection.execute("INSERT INTO visits DEFAULT VALUES")
        rows = connection.execute("SELECT count(*) FROM visits").fetchone()
    assert rows is not None
    return int(rows[0]), int(valkey_says(servers, "INCR", "visits"))


def test_starts_and_answers_on_loopback_with_a_password(folder: Path) -> None:
    with embedded_servers(folder) as servers:
        count_up(servers)
        with psycopg.connect(servers.database_url) as connection:
            asked = "SELECT current_database(), current_setting('data_checksums'), version()"
            row = connection.execute(asked).fetchone()
        assert row is not None
        assert row[:2] == ("defter", "on")
        assert row[2].startswith("PostgreSQL 18")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host="127.0.0.1", port=servers.postgres.port, user="defter_admin")
        with socket.create_connection(("127.0.0.1", servers.valkey.port)) as stranger:
            stranger.sendall(b"PING\r\n")
            assert stranger.recv(100).startswith(b"-NOAUTH")
    assert processes_of(folder) == set()


def waits_for_the_disk(servers: Servers) -> tuple[str, ...] | None:
    with psycopg.connect(servers.database_url) as connection:
        asked = "SELECT current_setting('fsync'), current_setting('full_page_writes')"
        return connection.execute(asked).fetchone()


def test_a_commit_waits_for_the_disk_unless_nobody_misses_it(folder: Path) -> None:
    with embedded_servers(folder) as servers:
        assert waits_for_the_disk(servers) == ("on", "on")
    with embedded_servers(folder, durable=False) as servers:
        assert waits_for_the_disk(servers) == ("off", "off")


def test_a_restart_keeps_the_data_and_the_addresses(folder: Path) -> None:
    with embedded_servers(folder) as servers:
        before, urls = count_up(servers), (servers.database_url, servers.redis_url)
    with embedded_servers(folder) as servers:
        assert count_up(servers) == (before[0] + 1, before[1] + 1)
        assert (servers.database_url, servers.redis_url) == urls


def test_a_second_holder_is_refused_with_the_holders_number(folder: Path, run: Run) -> None:
    other = run(SERVE, folder)
    other.line()
    with pytest.raises(FolderInUse, match=str(other.process.pid)) as refusal:
        embedded_servers(folder).__enter__()
    assert "\n" not in str(refusal.value)


def test_a_killed_parent_leaves_no_process_and_no_damage(folder: Path, run: Run) -> None:
    with embedded_servers(folder) as servers:
        before = count_up(servers)
    parent = run(SERVE, folder)
    with psycopg.connect(parent.line()) as connection:
        connection.execute("INSERT INTO visits DEFAULT VALUES")
    assert len(processes_of(folder)) > 2
    parent.process.kill()
    with embedded_servers(folder) as servers:  # at once, while the old ones are still going
        assert count_up(servers) == (before[0] + 2, before[1] + 1)
    assert processes_of(folder) == set()


def test_every_process_is_gone_soon_after_the_parent_was_killed(folder: Path, run: Run) -> None:
    parent = run(SERVE, folder)
    parent.line()
    parent.process.kill()
    parent.process.wait()
    until(lambda: not processes_of(folder))


@pytest.mark.parametrize("killed", ["postgres", "valkey"])
def test_a_killed_server_restarts_on_its_port_with_its_data(folder: Path, killed: str) -> None:
    with embedded_servers(folder) as servers:
        before, urls = count_up(servers), (servers.database_url, servers.redis_url)
        server = servers.postgres if killed == "postgres" else servers.valkey
        # What Valkey took in the last second it may lose; make it write now.
        valkey_says(servers, "WAITAOF", 1, 0, 5000)
        os.kill(server.pid, signal.SIGKILL)
        until(server.ended)
        server.restart()
        assert count_up(servers) == (before[0] + 1, before[1] + 1)
        assert (servers.database_url, servers.redis_url) == urls


def test_a_taken_port_is_given_up_for_another(folder: Path) -> None:
    with embedded_servers(folder) as servers:
        before = count_up(servers)
        ports = (servers.postgres.port, servers.valkey.port)
    with (
        socket.create_server(("127.0.0.1", ports[0])),
        socket.create_server(("127.0.0.1", ports[1])),
        embedded_servers(folder) as servers,
    ):
        assert not {servers.postgres.port, servers.valkey.port} & set(ports)
        assert count_up(servers)[0] == before[0] + 1


def test_half_a_database_of_an_interrupted_start_is_cleared_away(tmp_path: Path) -> None:
    half = tmp_path / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with embedded_servers(tmp_path) as servers:
        assert count_up(servers) == (1, 1)
    assert not half.exists()


def test_a_pid_file_whose_number_is_another_process_now_is_no_obstacle(folder: Path) -> None:
    (folder / "postgres" / "data" / "postmaster.pid").write_text(f"{os.getppid()}\n/elsewhere\n")
    with embedded_servers(folder) as servers:
        count_up(servers)


def test_a_server_that_cannot_start_says_which_log_to_read(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / "postgres" / "data" / "global" / "pg_control").unlink()
    with pytest.raises(EmbeddedServerError, match="log") as failure:
        embedded_servers(broken).__enter__()
    assert "\n" not in str(failure.value)
    assert processes_of(broken) == set()


@pytest.mark.skipif(os.geteuid() != 0, reason="PostgreSQL refuses root alone")
@pytest.mark.parametrize("way", ["namespace", "setuid"])
def test_root_serves_in_either_way_from_one_folder(folder: Path, way: str, run: Run) -> None:
    with embedded_servers(folder, run_as=way) as servers:
        before = count_up(servers)
    with embedded_servers(folder) as servers:
        assert count_up(servers)[0] == before[0] + 1
    serve = SERVE.replace("(Path(sys.argv[1]))", "(Path(sys.argv[1]), run_as=sys.argv[2])")
    parent = run(serve, folder, way)
    assert parent.line().startswith("postgresql://")
    parent.process.kill()
    until(lambda: not processes_of(folder))
