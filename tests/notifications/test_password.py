"""NTF-01: a password is said under TLS that was verified, and a wrong one is ours to repair."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from application.wallet.topups import TopUp
from domain.users.customer import Locale
from tests.event_log.shop import lira
from tests.notifications.post import MailShop, PostOffice

pytestmark = pytest.mark.row("NTF-01")


def certificate(folder: Path) -> Path:
    """Make a key and a certificate of localhost that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "localhost.pem"
    path.write_bytes(private + made.public_bytes(pem))
    return path


def knows_ada(
    _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object
) -> AuthResult:
    return AuthResult(success=given == LoginPassword(b"ada", b"s@crecy"), handled=False)


async def test_a_password_is_said_to_a_server_that_is_vouched_for(
    shop: MailShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet = await shop.customer("cus_ada1", name=None, email="a@a.example", locale=Locale.ENGLISH)
    await shop.shop.tell(TopUp(wallet, lira(100)))
    path = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(path)
    protection = {"tls_context": tls, "authenticator": knows_ada, "auth_required": True}
    async with PostOffice().open(**protection) as post:
        url = post.url.replace("smtp://127.0.0.1", "smtp://ada:s%40crecy@localhost")
        await shop.perform(url)
        assert shop.told() == [("waiting", "SSLCertVerificationError")]
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        await shop.perform(url.replace("s%40crecy", "wrong"))
        assert shop.told() == [("waiting", "535 5.7.8")]
        await shop.perform(url)
        assert shop.told() == [("done", "250")]
        assert post.recipients == ["a@a.example"]
