"""The address that an API process listens on."""

import socket

BACKLOG = 2_048


class PortTaken(RuntimeError):
    """The address can not be listened on."""


def listen(host: str, port: int) -> socket.socket:
    """Take the address, or say in one line that it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as taken:
        listener.close()
        raise PortTaken(
            f"can not listen on {host} port {port}: {taken.strerror}; choose another with --port"
        ) from taken
    listener.listen(BACKLOG)
    listener.set_inheritable(True)
    return listener
