"""As whom PostgreSQL runs, which refuses root, and whose initdb refuses a user without a name."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from infrastructure.embedded.binaries import postgres_program
from infrastructure.embedded.failures import EmbeddedServerError
from infrastructure.embedded.process import OURSELVES, Child, Identity, Start

PROBE_SECONDS = 10.0
UNPRIVILEGED_USER = "nobody"


def unprivileged() -> tuple[int, int]:
    """Find a user without rights that has a name on this machine."""
    users = {user.pw_name: user for user in pwd.getpwall() if user.pw_uid != 0}
    if not users:
        raise EmbeddedServerError("PostgreSQL refuses root, and this machine has no other user")
    user = users.get(UNPRIVILEGED_USER) or next(iter(users.values()))
    return user.pw_uid, user.pw_gid


def has_name() -> bool:
    """Say whether our own user stands in the machine's list."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return True


def works(identity: Identity, home: Path) -> bool:
    """Try whether a child with this identity can run the server and write to its home."""
    own(home, identity)
    start = Start(
        signal.SIGKILL, identity=identity, output=subprocess.DEVNULL, probe=home / "probe"
    )
    # initdb looks for itself, its files and its user's name before it shows its settings.
    trial = Child((str(postgres_program("initdb")), "--show", "-D", str(home / "data")), start)
    return trial.wait(PROBE_SECONDS) == 0


def own(home: Path, identity: Identity) -> None:
    """Give the server's home to the identity, and nothing above it."""
    if os.geteuid() != 0:
        return
    uid, gid = identity.owner or (0, 0)
    if home.stat().st_uid == uid:
        return
    # The home itself comes last: an interrupted walk is then walked again.
    for folder, _, files in os.walk(home, topdown=False):
        for name in files:
            os.chown(Path(folder) / name, uid, gid, follow_symlinks=False)
        shutil.chown(folder, uid, gid)


def identity_for(home: Path, only: str | None = None) -> Identity:
    """Choose as whom the server runs; `only` insists on one kind.

    A user namespace keeps every file ours. Where it is forbidden, root lends the server an
    unprivileged user, and the right to pass closed folders only where it needs that to reach its
    own: no permission of a folder above the home is ever changed.
    """
    if only is None and os.geteuid() != 0 and has_name():
        return OURSELVES
    uid, gid = unprivileged()
    candidates = [Identity("namespace", uid, gid)] if sys.platform == "linux" else []
    if os.geteuid() == 0:
        candidates.append(Identity("setuid", uid, gid))
        if sys.platform == "linux":
            candidates.append(Identity("setuid", uid, gid, reach=True))
    for candidate in candidates:
        if only in (None, candidate.kind) and works(candidate, home):
            return candidate
    raise EmbeddedServerError(
        f"PostgreSQL refuses to run as user {os.geteuid()}, and neither a user namespace nor "
        f"another user can reach {home}; start Defter as an ordinary user"
    )
