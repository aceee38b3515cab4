"""INT-15, SEC-14: what is posted goes to public addresses, once looked up, whatever they answer."""

import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infrastructure.channels import posting
from infrastructure.channels.posting import NotDelivered, Poster
from tests.kit.internet import INSIDE, OTHER_PUBLIC, PUBLIC, Internet
from tests.kit.receiver import CLOSE, HANG, OK, Receiver, answered, receiving
from tests.projections.stepping import until

pytestmark = [pytest.mark.row("INT-15"), pytest.mark.row("SEC-14")]

NAME = "hooks.example"


async def post(poster: Poster, url: str, *, inside: bool = True) -> int:
    return await poster.post(url, {"webhook-id": "one"}, b'{"a":1}', inside=inside)


async def test_one_connection_carries_one_request_after_the_other(receiver: Receiver) -> None:
    poster = Poster()
    assert await post(poster, receiver.url + "?shop=7") == 204
    assert await post(poster, receiver.url) == 204
    await poster.close()
    assert receiver.connections == 1
    assert [one.path for one in receiver.received] == ["/hook?shop=7", "/hook"]
    assert receiver.received[0].body == b'{"a":1}'
    assert receiver.received[0].headers["host"] == f"127.0.0.1:{receiver.port}"
    assert receiver.received[0].headers["webhook-id"] == "one"


@pytest.mark.parametrize(
    ("said", "status", "kept"),
    [
        (answered(200, body=b"thanks"), 200, True),
        (b"HTTP/1.1 202 Yes\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n0\r\n\r\n", 202, True),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 204, True),
        (answered(200, "Connection: close"), 200, False),
        (answered(500), 500, True),
        (answered(302, "Location: http://127.0.0.1:1/elsewhere"), 302, True),
        (b"HTTP/1.1 200 Long\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 100_000, 200, False),
    ],
)
async def test_of_an_answer_the_status_counts_and_nothing_is_followed(
    receiver: Receiver, said: bytes, status: int, *, kept: bool
) -> None:
    receiver.answer = lambda _request: said
    poster = Poster()
    for _ in range(2):
        assert await post(poster, receiver.url) == status
    await poster.close()
    assert receiver.connections == (1 if kept else 2)
    assert len(receiver.received) == 2


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (CLOSE, "ConnectionResetError"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "the answer is no HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000, "the answer is no HTTP"),
        (HANG, "no answer within 0 s"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "no answer within 0 s"),
    ],
)
async def test_what_is_no_answer_is_told_without_its_words(
    receiver: Receiver, said: bytes, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "DELIVERY_SECONDS_MAX", 0.2)
    receiver.answer = lambda _request: said
    with pytest.raises(NotDelivered) as failed:
        await post(Poster(), receiver.url)
    assert str(failed.value) == told


async def test_a_kept_connection_that_was_closed_meanwhile_costs_a_second_request(
    receiver: Receiver,
) -> None:
    poster = Poster()
    assert await post(poster, receiver.url) == 204
    said = [CLOSE, OK]
    receiver.answer = lambda _request: said.pop(0)
    assert await post(poster, receiver.url) == 204
    await poster.close()
    assert receiver.connections == 2
    assert len(receiver.received) == 3


async def test_nobody_listens(unused_port: int) -> None:
    with pytest.raises(NotDelivered, match="ConnectionRefusedError"):
        await post(Poster(), f"http://127.0.0.1:{unused_port}/")


@pytest.fixture
async def unused_port() -> int:
    async with receiving() as receiver:
        return receiver.port


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost.",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "0.0.0.0",  # noqa: S104 - no address to listen on
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[fe80::1%25lo]",
    ],
)
async def test_an_address_inside_is_refused_however_it_is_written(
    receiver: Receiver, host: str
) -> None:
    with pytest.raises(NotDelivered):
        await post(Poster(), f"http://{host}:{receiver.port}/", inside=False)
    assert receiver.connections == 0


@pytest.mark.parametrize("answers", [[INSIDE], [PUBLIC, INSIDE], [PUBLIC, "fe80::1%eth0"], []])
async def test_every_address_of_a_host_has_to_be_public(
    receiver: Receiver, answers: list[str]
) -> None:
    internet = Internet(answers)
    with pytest.raises(NotDelivered, match=r"not public|no address"):
        await post(Poster(internet), f"http://{NAME}:{receiver.port}/", inside=False)
    assert internet.dialled == []


async def test_a_host_is_looked_up_once_and_the_connection_goes_to_that_address(
    receiver: Receiver,
) -> None:
    internet = Internet([PUBLIC], [INSIDE])
    poster = Poster(internet)
    url = f"http://{NAME}:{receiver.port}/hook"
    assert await post(poster, url, inside=False) == 204
    assert (internet.asked, internet.dialled) == ([NAME], [PUBLIC])
    assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"
    receiver.answer = lambda _request: CLOSE  # and now the name leads elsewhere
    with pytest.raises(NotDelivered, match="not public"):
        await post(poster, url, inside=False)
    assert internet.dialled == [PUBLIC]


async def test_a_connection_that_may_lead_inside_is_never_lent_to_others(
    receiver: Receiver,
) -> None:
    internet = Internet([INSIDE], [INSIDE])
    poster = Poster(internet)
    url = f"http://{NAME}:{receiver.port}/hook"
    assert await post(poster, url, inside=True) == 204
    with pytest.raises(NotDelivered, match="not public"):
        await post(poster, url, inside=False)
    await poster.close()
    assert len(receiver.received) == 1


async def test_the_next_address_is_tried_when_one_is_dead(receiver: Receiver) -> None:
    internet = Internet([OTHER_PUBLIC, PUBLIC])
    internet.dead = {OTHER_PUBLIC}
    poster = Poster(internet)
    assert await post(poster, f"http://{NAME}:{receiver.port}/", inside=False) == 204
    await poster.close()
    assert internet.dialled == [OTHER_PUBLIC, PUBLIC]


async def test_an_address_that_does_not_answer_is_not_waited_for_long(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "CONNECT_SECONDS_MAX", 0.05)
    internet = Internet([OTHER_PUBLIC, PUBLIC], [OTHER_PUBLIC])
    internet.silent = {OTHER_PUBLIC}
    poster = Poster(internet)
    url = f"http://{NAME}:{receiver.port}/"
    assert await post(poster, url, inside=False) == 204
    await poster.close()
    with pytest.raises(NotDelivered, match="no connection within 0 s"):
        await post(poster, url, inside=False)


async def test_tls_is_held_to_the_name_though_the_address_is_pinned(tmp_path: Path) -> None:
    trusted, served = certificate_for(NAME, tmp_path)
    async with receiving(served) as receiver:
        internet = Internet([PUBLIC], [PUBLIC], tls=trusted)
        poster = Poster(internet)
        assert await post(poster, f"https://{NAME}:{receiver.port}/", inside=False) == 204
        with pytest.raises(NotDelivered, match="SSLCertVerificationError"):
            await post(poster, f"https://other.example:{receiver.port}/", inside=False)
        await poster.close()
    assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"
    assert len(receiver.received) == 1


async def test_an_idle_connection_is_let_go(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "IDLE_SECONDS_MAX", 0.0)
    poster = Poster()
    assert await post(poster, receiver.url) == 204
    await until(lambda: receiver.open == 0)
    assert await post(poster, receiver.url) == 204
    assert receiver.connections == 2


def certificate_for(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate; gives who trusts it and who has it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(pem)
    )
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(file)
    return ssl.create_default_context(cadata=made.public_bytes(pem).decode()), served
