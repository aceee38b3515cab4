"""Settings: layered, strict, and with one clear line for what is wrong."""

import base64
from pathlib import Path

import pytest

from infrastructure.settings import SettingsWrong, load_settings

KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/db")
    monkeypatch.setenv("REDIS_URL", "redis://somewhere/0")
    monkeypatch.setenv("DEFTER_MASTER_KEYS", KEY)


def test_the_environment_goes_before_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "defter.toml").write_text("port = 9000\nkey_quota_per_second = 7\n")
    monkeypatch.setenv("DEFTER_PORT", "9001")
    settings = load_settings()
    assert (settings.port, settings.key_quota_per_second) == (9001, 7)
    assert settings.host == "127.0.0.1"


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = tmp_path / "keys"
    kept.write_text(KEY + "\n")
    monkeypatch.delenv("DEFTER_MASTER_KEYS")
    monkeypatch.setenv("DEFTER_MASTER_KEYS_FILE", str(kept))
    assert load_settings().master_key_bytes == (b"k" * 32,)


def test_files_of_others_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMEBODYS_FILE", "/nowhere/at/all")
    assert load_settings().port == 8000


def test_what_the_finance_commands_are_told_is_no_unknown_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("DEFTER_URL", "DEFTER_KEY", "DEFTER_PROFILE"):
        monkeypatch.setenv(name, "books")
    assert load_settings().port == 8000


def test_refuses_an_unknown_name_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEFTER_PROT", "9000")
    with pytest.raises(SettingsWrong, match=r"^unknown setting DEFTER_PROT"):
        load_settings()


def test_refuses_an_unknown_name_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "defter.toml").write_text("prot = 9000\n")
    with pytest.raises(SettingsWrong, match="unknown setting prot in the settings file"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEFTER_PORT", "many"),
        ("DEFTER_PORT", "70000"),
        ("DEFTER_MASTER_KEYS", "c2hvcnQ="),
        ("DEFTER_MASTER_KEYS", "canary no base64"),
        ("DEFTER_TRUSTED_PROXIES", "10.0.0.0/8,canary"),
        ("DEFTER_CORS_ORIGINS", "*"),
        ("DEFTER_CORS_ORIGINS", "https://shop.example,https://canary.example/"),
        ("DEFTER_CORS_ORIGINS", "null"),
        ("DEFTER_ADDRESS_LIMIT_REQUESTS", "0"),
        ("DEFTER_LOG_LEVEL", "canary"),
        ("DEFTER_SMTP_URL", "http://canary"),
        ("DEFTER_SMTP_URL", "smtp://u:canary@host:port"),
        ("DEFTER_SMTP_URL", "smtp://host?canary=1"),
        ("DEFTER_SMTP_URL", "smtps://host?starttls=1"),
        ("DEFTER_MAIL_FROM", "canary"),
        ("DEFTER_MAIL_FROM", "Canary <a@canary.example>\r\nBcc: b@canary.example"),
        ("DEFTER_LOG_FILE", "/var/log/canary.jsonl"),
        ("DEFTER_OPERATIONS_PORT", "70000"),
        ("DEFTER_ALERT_WEBHOOK_URL", "canary"),
        ("DEFTER_OTEL_ENDPOINT", "canary"),
        ("DEFTER_OTEL_ENDPOINT", "http://ada:canary@collector:4318"),
        ("DEFTER_OTEL_ENDPOINT", "http://collector:4318?token=canary"),
        ("DEFTER_SENTRY_DSN", "canary"),
        ("DEFTER_SENTRY_DSN", "https://errors.example/canary"),
        ("DEFTER_SEARCH_ENGINE_URL", "search.example/canary"),
        ("DEFTER_SEARCH_ENGINE_URL", "https://defter:canary@search.example"),
        ("DEFTER_SEARCH_ENGINE_KEY", "canary"),
        ("DEFTER_SEARCH_ENGINE_KEY", "defter:canary"),
    ],
)
def test_one_line_names_what_is_wrong_and_no_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsWrong) as wrong:
        load_settings()
    text = str(wrong.value)
    assert name.removeprefix("DEFTER_").lower() in text
    assert "\n" not in text
    assert "canary" not in text


def test_secrets_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEFTER_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1/32")
    monkeypatch.setenv("DEFTER_SENTRY_DSN", "https://0123abcd@errors.example/below/7")
    settings = load_settings()
    shown = settings.masked()
    assert shown["master_keys"] == shown["database_url"] == shown["redis_url"] == "********"
    assert shown["sentry_dsn"] == "********"
    assert shown["trusted_proxies"] == ("10.0.0.0/8", "192.0.2.1/32")
    assert KEY not in repr(settings)


def test_mail_is_handed_over_under_tls_where_a_password_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert (load_settings().mail_server, load_settings().mail_sender) == (None, None)
    monkeypatch.setenv("DEFTER_MAIL_FROM", "Defter <no-reply@defter.example>")
    for url, port, tls, starttls in (
        ("smtp://post.example", 25, False, None),
        ("smtp://ada:s%40crecy@post.example:587", 587, False, True),
        ("smtp://ada:s%40crecy@post.example:587?starttls=0", 587, False, False),
        ("smtps://ada:s%40crecy@post.example", 465, True, None),
    ):
        (tmp_path / "smtp").write_text(url + "\n")
        monkeypatch.setenv("DEFTER_SMTP_URL_FILE", str(tmp_path / "smtp"))
        settings = load_settings()
        server = settings.mail_server
        assert server is not None
        assert (server.host, server.port) == ("post.example", port)
        assert (server.tls, server.starttls) == (tls, starttls)
        assert server.password == ("s@crecy" if "@" in url else None)
        assert "crecy" not in f"{settings!r} {server!r} {settings.masked()}"
        assert settings.mail_sender == ("Defter", "no-reply@defter.example")


def test_a_mail_server_without_a_sender_is_half_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEFTER_SMTP_URL", "smtp://post.example")
    with pytest.raises(SettingsWrong, match="smtp_url and mail_from are set together"):
        load_settings()
