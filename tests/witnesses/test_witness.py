"""How witnesses are written in the settings (AUD-01)."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infrastructure.settings import SettingsWrong, load_settings
from infrastructure.witnesses.witness import (
    FileWitness,
    HttpWitness,
    MailWitness,
    verifier_key_of,
    witness_of,
)
from tests.kit.stub_witness import StubWitness
from tests.notifications.post import MASTER_KEY_TEXT

pytestmark = pytest.mark.row("AUD-01")

SEED = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
KEY = StubWitness("witness.example/w1", key=SEED).verifier_key
NAME, HASH, RAW = KEY.split("+", 2)
MAIL = {"smtp_url": "smtp://post.example", "mail_from": "a@mail.example"}


def settings(witnesses: str, **given: str) -> tuple[object, ...]:
    return load_settings(
        database_url="postgresql://somewhere/db",
        redis_url="redis://somewhere/0",
        master_keys=MASTER_KEY_TEXT,
        witnesses=witnesses,
        **given,
    ).witnesses_read


def test_a_folder_a_service_and_a_mailbox_are_read() -> None:
    read = settings(f"file:///srv/a%20b, https://w.example/p/#{KEY}, mailto:ada@b.example", **MAIL)
    name, public = verifier_key_of(KEY)
    assert name == NAME
    assert read == (
        FileWitness(Path("/srv/a b")),
        HttpWitness("https://w.example/p", NAME, public),
        MailWitness("ada@b.example"),
    )
    assert settings("") == ()


def test_a_service_is_known_by_its_key_and_a_mailbox_by_no_more_than_its_owner_knows() -> None:
    moved = [witness_of(f"https://{host}.example#{KEY}") for host in ("here", "there")]
    assert {one.key for one in moved} == {f"http:{NAME}+{HASH}"}
    mailed = witness_of("mailto:canary@b.example")
    assert mailed.told == "mailto:c…@b.example"
    assert "canary" not in mailed.key


def of_type(kind: int) -> str:
    raw = bytes([kind]) + base64.b64decode(RAW)[1:]
    return f"{NAME}+{HASH}+{base64.b64encode(raw).decode()}"


@pytest.mark.parametrize(
    ("witness", "told"),
    [
        ("canary", "begins with file:///, https:// or mailto:"),
        ("ftp://canary.example", "begins with file:///"),
        ("https://[canary", "can not be read"),
        (f"https://canary.example:x#{KEY}", "can not be read"),
        ("https://canary.example", "verifier key: name\\+hash\\+key"),
        ("https://canary.example#canary+00000000+AAAA", "verifier key: name"),
        ("https://canary.example#canary+00000000+*", "verifier key: name"),
        (f"https://canary.example#a b+{HASH}+{RAW}", "verifier key: name"),
        (f"https://canary.example#{NAME}2+{HASH}+{RAW}", "mistyped"),
        (f"https://canary.example#{of_type(1)}", "type 0x04"),
        (f"https://u:canary@w.example#{KEY}", "no user"),
        (f"https://w.example?canary#{KEY}", "no query"),
        ("file://host/canary", "file:///srv/witness"),
        ("file:///", "file:///srv/witness"),
        ("file:///canary?x", "file:///srv/witness"),
        ("mailto:canary", "name@example.com"),
        ("mailto:canary@b.example?subject=x", "mailto:auditor@example.com"),
        ("file:///canary,file:///canary/", "each once"),
        (",".join(f"file:///canary{n}" for n in range(21)), "20 witnesses at most"),
        ("mailto:canary@b.example", "wants smtp_url"),
    ],
)
def test_a_witness_that_is_written_wrong_stops_the_start_in_one_line(
    witness: str, told: str
) -> None:
    with pytest.raises(SettingsWrong, match=told) as wrong:
        settings(witness)
    text = str(wrong.value)
    assert "witnesses" in text
    assert "\n" not in text
    assert "canary" not in text


def test_how_often_is_minutes() -> None:
    with pytest.raises(SettingsWrong, match="witness_minutes"):
        settings("", witness_minutes="0")
