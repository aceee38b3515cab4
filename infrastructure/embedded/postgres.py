"""One PostgreSQL 18 under a folder: made once, started, restarted on its port, stopped."""

import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

from infrastructure.embedded.binaries import postgres_program
from infrastructure.embedded.failures import EmbeddedServerError
from infrastructure.embedded.folder import (
    LOOPBACK,
    PRIVATE_MODE,
    port_for,
    sync_folder,
    write_durably,
)
from infrastructure.embedded.identity import identity_for, own
from infrastructure.embedded.process import Child, Start, outlive_predecessor
from infrastructure.embedded.server import PLAIN_ENVIRONMENT, EmbeddedServer

USER = "defter_admin"
DATABASE = "defter"
INITDB_SECONDS = 120.0
STOP_SECONDS = 20.0
QUIT_SECONDS = 5.0
READY_LINE = 7  # of postmaster.pid, as pg_ctl reads it

INITDB = (
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--data-checksums",
    "--auth-host=scram-sha-256",
    "--auth-local=reject",
    # Each connection repeats these rounds. They protect passwords that can be guessed, and ours
    # are drawn from as many as keys are (RFC 5802, section 4, is of those that people choose).
    "--set=scram_iterations=1",
    "--no-instructions",
)
# The wheel is built without lz4, and its own compression costs more than the disk it saves, so
# wal_compression stays off.
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "192MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "min_wal_size": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "fsync": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",  # a week of files, each written over by the next week's
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
}
# For databases that nobody misses: no commit, copy or drop of one waits for the disk.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


class Postgres(EmbeddedServer):
    """An embedded PostgreSQL whose folder the caller holds."""

    name = "postgres"
    title = "PostgreSQL"

    def __init__(
        self, folder: Path, password: str, *, run_as: str | None = None, durable: bool = True
    ) -> None:
        super().__init__(folder / "postgres")
        self.data = self.home / "data"
        self.logs = self.home / "log"
        self.home.mkdir(mode=PRIVATE_MODE, exist_ok=True)
        self.logs.mkdir(mode=PRIVATE_MODE, exist_ok=True)
        self._password = password
        self._durability = {} if durable else NOT_DURABLE
        self._identity = identity_for(self.home, run_as)
        own(self.home, self._identity)

    @property
    def url(self) -> str:
        """Say where to connect; stays the same across restarts."""
        return f"postgresql://{USER}:{self._password}@{LOOPBACK}:{self.port}/{DATABASE}"

    @property
    def log(self) -> Path:
        """Say which log file was written last."""
        written = [path for path in self.logs.iterdir() if path.stat().st_size]
        return max(written, key=lambda path: path.stat().st_mtime, default=self.logs)

    def launch(self) -> None:
        """Make the database if it is not there, and start the server without waiting for it."""
        if not self.data.exists():
            self._create()
        self._clear_the_way()
        self.port = port_for(self.home)
        self._spawn()

    def stop(self) -> None:
        """Stop the server with a checkpoint; at once where that takes too long."""
        if self._child is not None:
            self._child.stop((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, QUIT_SECONDS))

    def _is_ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        mine = lines[0].strip() == str(self.pid) if lines else False
        return mine and len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready"

    def _clear_the_way(self) -> None:
        outlive_predecessor(self.data / "postmaster.pid", str(self.data), signal.SIGQUIT)

    def _start(self, death_signal: signal.Signals, output: int) -> Start:
        return Start(
            death_signal, identity=self._identity, output=output, environment=PLAIN_ENVIRONMENT
        )

    def _spawn(self) -> None:
        ours = {"port": str(self.port), "log_directory": str(self.logs)}
        settings = SETTINGS | self._durability | ours
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        program = (str(postgres_program("postgres")), "-D", str(self.data), *flags)
        with (self.logs / "start.log").open("wb") as output:
            # SIGQUIT is the immediate shutdown: when our process is killed, the server's are gone
            # within moments, and the next start replays the log.
            self._child = Child(program, self._start(signal.SIGQUIT, output.fileno()))

    def _create(self) -> None:
        """Make the cluster under another name first, so that half of one never counts."""
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        password_file = self.home / "password.new"
        write_durably(password_file, self._password)
        if self._identity.owner is not None:
            shutil.chown(password_file, *self._identity.owner)
        where = ("-D", str(fresh))
        user = (f"--username={USER}", f"--pwfile={password_file}")
        try:
            self._run("initdb", *where, *user, *INITDB, "--no-sync")
            self._run(
                "postgres", "--single", *where, "postgres", words=f"CREATE DATABASE {DATABASE}\n"
            )
            self._run("initdb", *where, "--sync-only")
        finally:
            password_file.unlink(missing_ok=True)
        fresh.rename(self.data)
        sync_folder(self.home)

    def _run(self, program: str, *arguments: str, words: str = "") -> None:
        log = self.logs / "create.log"
        source, sink = os.pipe()
        os.write(sink, words.encode())
        os.close(sink)
        with log.open("ab") as output, os.fdopen(source, "rb") as given:
            start = replace(self._start(signal.SIGKILL, output.fileno()), source=given.fileno())
            step = Child((str(postgres_program(program)), *arguments), start)
            code = step.wait(INITDB_SECONDS)
            step.stop()
        if code != 0:
            raise EmbeddedServerError(f"PostgreSQL's folder could not be made; see {log}")
