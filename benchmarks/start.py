"""How long a warm `serve` takes until its health answers."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.figures import Figure
from benchmarks.processes import LOOPBACK, ROOT, free_port

START_SECONDS_MAX = 120
POLL_SECONDS = 0.01
LAUNCHER = ROOT / "defter"


def warm_start() -> Figure:
    with tempfile.TemporaryDirectory(prefix="defter-start-") as folder:
        _serve(Path(folder))
        seconds = _serve(Path(folder))
    return Figure("serve warm, until health answers", f"{seconds:.1f} s", "at most 3 s")


def _serve(folder: Path) -> float:
    port = free_port()
    began = time.monotonic()
    serving = subprocess.Popen(  # noqa: S603 - our own launcher
        [sys.executable, str(LAUNCHER), "serve", "--port", str(port), "--data", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while time.monotonic() - began < START_SECONDS_MAX:
            try:
                with urlopen(f"http://{LOOPBACK}:{port}/api/health/ready", timeout=1) as answer:
                    if answer.status == 200:  # noqa: PLR2004 - OK
                        return time.monotonic() - began
            except (URLError, OSError):
                time.sleep(POLL_SECONDS)
        raise TimeoutError("serve did not answer")
    finally:
        serving.terminate()
        serving.wait(START_SECONDS_MAX)
