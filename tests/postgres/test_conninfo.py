from psycopg.conninfo import conninfo_to_dict

from infrastructure.postgres.connections import CONNECT_TIMEOUT_SECONDS, runtime_conninfo

DATABASE = "postgresql://someone@127.0.0.1:5432/shop"


def test_nobody_waits_long_for_a_database_that_does_not_answer() -> None:
    info = conninfo_to_dict(runtime_conninfo(DATABASE))
    assert info["connect_timeout"] == str(CONNECT_TIMEOUT_SECONDS)


def test_how_long_to_wait_for_a_connection_may_be_said_in_the_url() -> None:
    info = conninfo_to_dict(runtime_conninfo(f"{DATABASE}?connect_timeout=30&options=-c%20a.b%3Dc"))
    assert info["connect_timeout"] == "30"
    assert str(info["options"]).startswith("-c a.b=c ")
