"""OBS-05: log files rotate by size and by day, keep so many, and lose or split no line."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from infrastructure.observability.log_file import DAY_SECONDS, LogFile, NoLogFile, Rotation
from infrastructure.observability.logs import LineWriter
from tests.embedded.processes import ROOT, until

pytestmark = pytest.mark.row("OBS-05")

EVERYTHING = Rotation(bytes_max=2_000, kept=1_000)


def files_of(folder: Path) -> list[Path]:
    """Give a folder's log files, oldest first."""

    def age(path: Path) -> int:
        number = path.name.rpartition(".")[2]
        return -int(number) if number.isdecimal() else 0

    return sorted((path for path in folder.iterdir() if path.suffix != ".lock"), key=age)


def lines_of(paths: Iterable[Path]) -> list[bytes]:
    return [line for path in paths for line in path.read_bytes().splitlines()]


def test_a_full_file_makes_room_and_only_so_many_are_kept(tmp_path: Path) -> None:
    file = LogFile(str(tmp_path / "{role}.jsonl"), "api", Rotation(bytes_max=20, kept=2))
    for n in range(10):
        file.write([b"line %04d" % n])
    names = [path.name for path in files_of(tmp_path)]
    assert names == ["api.jsonl.2", "api.jsonl.1", "api.jsonl"]
    assert lines_of(files_of(tmp_path)) == [b"line %04d" % n for n in range(4, 10)]
    file.close()


def test_fewer_are_kept_when_the_setting_says_so(tmp_path: Path) -> None:
    pattern = str(tmp_path / "{role}.jsonl")
    for kept in (5, 1, 0):
        file = LogFile(pattern, "api", Rotation(bytes_max=20, kept=kept))
        file.write([b"line %04d" % n for n in range(16)])
        file.close()
        assert len(files_of(tmp_path)) == kept + 1


def test_a_new_day_begins_a_new_file(tmp_path: Path) -> None:
    now = 5 * DAY_SECONDS + 0.0
    pattern, rotation = str(tmp_path / "{role}.jsonl"), Rotation(1_000_000, 10)
    file = LogFile(pattern, "api", rotation, now=lambda: now)
    file.write([b"monday", b"monday too"])
    now += DAY_SECONDS - 1
    file.write([b"still monday"])
    now += 1
    file.write([b"tuesday"])
    file.close()
    os.utime(tmp_path / "api.jsonl", (now, now))
    file = LogFile(pattern, "api", rotation, now=lambda: now + DAY_SECONDS)
    file.write([b"wednesday, after a restart"])
    file.close()
    assert [path.read_bytes() for path in files_of(tmp_path)] == [
        b"monday\nmonday too\nstill monday\n",
        b"tuesday\n",
        b"wednesday, after a restart\n",
    ]


def test_a_line_longer_than_a_file_stays_whole(tmp_path: Path) -> None:
    file = LogFile(str(tmp_path / "{role}.jsonl"), "api", Rotation(bytes_max=20, kept=5))
    file.write([b"short", b"x" * 100, b"short"])
    assert lines_of(files_of(tmp_path)) == [b"short", b"x" * 100, b"short"]
    file.close()


def test_each_process_has_a_file_of_its_own_and_leaves_it_to_the_next(tmp_path: Path) -> None:
    pattern = str(tmp_path / "{role}.jsonl")
    first, second = (LogFile(pattern, "api", EVERYTHING) for _ in range(2))
    other = LogFile(pattern, "worker", EVERYTHING)
    names = [file.path.name for file in (first, second, other)]
    assert names == ["api.jsonl", "api-2.jsonl", "worker.jsonl"]
    first.close()
    third = LogFile(pattern, "api", EVERYTHING)
    assert third.path.name == "api.jsonl"
    for file in (second, third, other):
        file.close()


def test_says_in_one_line_that_it_can_not_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(NoLogFile, match="can not be written"):
        LogFile(str(tmp_path / "file" / "{role}.jsonl"), "api", EVERYTHING)


def test_writers_that_race_with_rotation_find_every_line_once(tmp_path: Path) -> None:
    file = LogFile(str(tmp_path / "{role}.jsonl"), "worker", EVERYTHING)
    lines = LineWriter(io.BytesIO(), file=file)
    writers, each = 8, 2_000

    def work(writer: int) -> None:
        for n in range(each):
            lines.write(b"%d %d" % (writer, n))
            if n % 7 == writer % 7:
                lines.flush()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines.flush()
    file.close()
    found = lines_of(files_of(tmp_path))
    assert len(files_of(tmp_path)) > 10
    assert sorted(found) == sorted(b"%d %d" % (w, n) for w in range(writers) for n in range(each))
    for writer in range(writers):
        own = [line for line in found if line.startswith(b"%d " % writer)]
        assert own == [b"%d %d" % (writer, n) for n in range(each)]


KILLED = """
import json, sys
from infrastructure.observability.log_file import LogFile, Rotation
from infrastructure.observability.logs import LineWriter
import io
lines = LineWriter(io.BytesIO(), file=LogFile(sys.argv[1], "api", Rotation(30_000, 1_000)))
n = int(sys.argv[2])
while True:
    for n in range(n, n + 50):
        lines.write(json.dumps({"n": n, "text": "x" * 100}).encode())
    n += 1
    lines.flush()
"""


def test_a_kill_in_the_middle_leaves_whole_lines_without_a_gap(tmp_path: Path) -> None:
    pattern, begin = str(tmp_path / "{role}.jsonl"), 0
    for kill in range(5):
        files = len(files_of(tmp_path))
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, pattern, str(begin)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        until(lambda: len(files_of(tmp_path)) > files + 2 + kill)  # noqa: B023 - called at once
        process.send_signal(signal.SIGKILL)
        process.wait()
        LogFile(pattern, "api", EVERYTHING).close()
        numbers = [json.loads(line)["n"] for line in lines_of(files_of(tmp_path))]
        assert numbers == list(range(len(numbers)))
        begin = len(numbers)


def test_a_tail_that_was_cut_short_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "api.jsonl"
    path.write_bytes(b'{"n":1}\n{"n":' + b"2" * 100_000)
    file = LogFile(str(tmp_path / "{role}.jsonl"), "api", Rotation(1_000_000, 1))
    os.utime(path)
    file.write([b'{"n":3}'])
    assert lines_of(files_of(tmp_path))[-2:] == [b'{"n":1}', b'{"n":3}']
    file.close()


class FullDisk(LogFile):
    full = False

    def write(self, lines: object) -> None:
        if self.full:
            raise OSError(28, "no space left")
        super().write(lines)  # type: ignore[arg-type] - as the base


def test_a_full_disk_is_told_and_stops_nothing(tmp_path: Path) -> None:
    file, stream = FullDisk(str(tmp_path / "{role}.jsonl"), "api", EVERYTHING), io.BytesIO()
    lines = LineWriter(stream, file=file)
    for file.full in (False, True, False):
        lines.write(b'{"event":"x"}')
        lines.flush()
    file.close()
    told = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    assert told == ["x", "x", "log_file_not_written", "x"]
    assert len(lines_of(files_of(tmp_path))) == 2
