from pathlib import Path


class EmbeddedServerError(Exception):
    """An embedded server could not be found, started or kept; the message is one line."""


class FolderInUse(EmbeddedServerError):
    """Another process holds the data folder."""

    def __init__(self, folder: Path, holder_pid: int | None) -> None:
        holder = "another process" if holder_pid is None else f"process {holder_pid}"
        super().__init__(f"the data folder {folder} is in use by {holder}; stop it first")
        self.folder = folder
        self.holder_pid = holder_pid
