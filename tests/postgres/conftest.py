import pytest
import structlog


@pytest.fixture(autouse=True, scope="session")
def plain_logs() -> None:
    """Locals of a traceback are slow to print, and no log may show them."""
    structlog.configure(processors=[structlog.processors.JSONRenderer()])
