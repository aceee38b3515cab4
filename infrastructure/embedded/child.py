"""Turns itself into a server: takes on an identity, ties its life to its parent's, then execs.

Run by its path as `python -I -S child.py SPEC PROGRAM ...`, so that it costs a bare interpreter and
imports nothing of the project. A wrapper rather than `preexec_fn`, which may deadlock as soon as
the parent has threads.
"""

import ctypes
import json
import os
import select
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAPABILITY_VERSION_3 = 0x20080522
WATCH_SECONDS = 1.0
EXIT_CANNOT_BECOME = 126
EXIT_PARENT_GONE = 125

Spec = dict[str, Any]


def checked(libc: ctypes.CDLL, name: str, *arguments: object) -> None:
    """Call a C function and turn a non-zero answer into an OSError."""
    if getattr(libc, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def enter_namespace(libc: ctypes.CDLL, *, uid: int, gid: int) -> None:
    """Enter a user namespace in which the present user carries the ids `uid` and `gid`."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    checked(libc, "unshare", CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{gid} {outer_gid} 1", encoding="ascii")


def become_user(libc: ctypes.CDLL, *, uid: int, gid: int, reach: bool) -> None:
    """Give up root for `uid` and `gid`; with `reach`, keep the right to pass closed folders."""
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    if reach:
        # Root's capabilities outlive its id, and access(2), which initdb asks, honours them too.
        checked(libc, "prctl", PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setresuid(uid, uid, uid)
    if reach:
        bit = 1 << CAP_DAC_OVERRIDE
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
        effective_permitted_inheritable = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
        checked(libc, "capset", header, effective_permitted_inheritable)
        checked(libc, "prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def watch_parent(descriptor: int, death_signal: int) -> None:
    """Leave a watcher behind that signals this process when the parent's end of a pipe closes."""
    server_pid = os.getpid()
    first = os.fork()
    if first:
        os.waitpid(first, 0)
        os.close(descriptor)
        return
    # The second fork hands the watcher to init, so that the server never reaps a stranger.
    if os.fork():
        os._exit(0)
    while not select.select([descriptor], [], [], WATCH_SECONDS)[0]:
        try:
            os.kill(server_pid, 0)
        except ProcessLookupError:
            os._exit(0)
    try:
        os.kill(server_pid, death_signal)
    finally:
        os._exit(0)


def tie_to_parent(spec: Spec, libc: ctypes.CDLL) -> None:
    """Ask for the death signal when the parent goes, and go now where it is gone already."""
    if spec["watch_descriptor"] is None:
        checked(libc, "prctl", PR_SET_PDEATHSIG, int(spec["death_signal"]), 0, 0, 0)
        if os.getppid() != spec["parent_pid"]:
            sys.exit(EXIT_PARENT_GONE)
    else:
        watch_parent(int(spec["watch_descriptor"]), int(spec["death_signal"]))


def become(spec: Spec, program: list[str]) -> NoReturn:
    """Take on what `spec` asks for and exec `program`."""
    libc = ctypes.CDLL(None, use_errno=True)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        # The interpreter ignores these two, and an ignored signal stays ignored across exec.
        signal.signal(number, signal.SIG_DFL)
    if spec["niceness"]:
        os.nice(spec["niceness"])
    if spec["kind"] == "namespace":
        enter_namespace(libc, uid=spec["uid"], gid=spec["gid"])
    elif spec["kind"] == "setuid":
        become_user(libc, uid=spec["uid"], gid=spec["gid"], reach=spec["reach"])
    # A change of credentials clears the death signal, so it is asked for last.
    tie_to_parent(spec, libc)
    if spec["probe"] is not None:
        probe = Path(spec["probe"])
        probe.write_bytes(b"")
        probe.unlink()
    os.execv(program[0], program)  # noqa: S606 - the program is the parent's own


if __name__ == "__main__":
    try:
        become(json.loads(sys.argv[1]), sys.argv[2:])
    except OSError as error:
        sys.stderr.write(f"cannot start {sys.argv[2]}: {error}\n")
        sys.exit(EXIT_CANNOT_BECOME)
