"""What verify.py is made of, against published vectors and against libraries (AUD-01)."""

import base64
import random
from collections.abc import Callable
from hashlib import sha512

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from infrastructure.sealing import notes
from infrastructure.sealing.bundle import verify

pytestmark = pytest.mark.row("AUD-01")

PUBLISHED = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        b"",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        b"\x72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        b"\xaf\x82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        sha512(b"abc").digest(),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
            "3dca179c138ac17ad9bef1177331a704"
        ),
    ),
)
"""RFC 8032, 7.1: key, message, signature."""

SMALL_ORDER = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
)
"""All points whose eightfold is neutral: as a key, one of them fits any message."""

WRITTEN_TWICE = (
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0100000000000000000000000000000000000000000000000000000000000080",
)
"""Points in another way than the one that RFC 8032 lets them be written in."""

Verifies = Callable[[bytes, bytes, bytes], bool]
BOTH = pytest.mark.parametrize("verifies", [verify.verifies, verify.verifies_pure])


def library(public: bytes, signature: bytes, text: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature:
        return False
    return True


@BOTH
@pytest.mark.parametrize(("key", "text", "signature"), PUBLISHED)
def test_the_published_signatures_verify(
    verifies: Verifies, key: str, text: bytes, signature: str
) -> None:
    public, signed = bytes.fromhex(key), bytes.fromhex(signature)
    assert verifies(public, signed, text)
    assert not verifies(public, signed, text + b"!")


def test_the_arithmetic_says_what_the_library_says() -> None:
    chance = random.Random(8032)  # noqa: S311 - the same every time
    for _ in range(60):
        private = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        public, text = notes.raw(private.public_key()), chance.randbytes(chance.randrange(200))
        signature = private.sign(text)
        assert verify.verifies_pure(public, signature, text)
        for at in (chance.randrange(256), 256 + chance.randrange(256)):
            flipped = bytearray(signature)
            flipped[at // 8] ^= 1 << at % 8
            told = verify.verifies_pure(public, bytes(flipped), text)
            assert told == library(public, bytes(flipped), text)
            assert not told
        other = chance.randbytes(32)
        assert verify.verifies_pure(other, signature, text) == library(other, signature, text)


@BOTH
def test_a_signature_is_written_in_one_way_only(verifies: Verifies) -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public, signature = notes.raw(private.public_key()), private.sign(b"text")
    scalar = int.from_bytes(signature[32:], "little") + verify.L
    assert not verifies(public, signature[:32] + scalar.to_bytes(32, "little"), b"text")
    for length in (0, 32, 63, 65):
        assert not verifies(public, (signature + b"\0")[:length], b"text")
        assert not verifies((public + b"\0")[: min(length, 31)], signature, b"text")


@pytest.mark.parametrize("key", SMALL_ORDER)
def test_a_key_that_fits_anything_is_refused(key: str) -> None:
    neutral = bytes.fromhex(SMALL_ORDER[0])
    assert verify.decoded(bytes.fromhex(key)) is not None
    found = [
        verify.verifies_pure(bytes.fromhex(key), neutral + bytes(32), b"%d" % n) for n in range(40)
    ]
    assert any(found), "it is as bad as it is said to be"
    assert not any(
        verify.verifies(bytes.fromhex(key), neutral + bytes(32), b"%d" % n) for n in range(40)
    )


@pytest.mark.parametrize("key", WRITTEN_TWICE)
def test_a_point_that_is_written_otherwise_is_none(key: str) -> None:
    assert verify.decoded(bytes.fromhex(key)) is None


def test_a_number_that_is_on_no_point_is_none() -> None:
    assert verify.decoded((2).to_bytes(32, "little")) is None


VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNATURE = (
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNX"
    "gKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
"""The example with which Go's package for signed notes, sumdb/note, is tested."""


def test_the_published_note_is_signed_and_read_as_others_do() -> None:
    private = Ed25519PrivateKey.from_private_bytes(SEED)
    public = notes.raw(private.public_key())
    assert notes.verifier_key("PeterNeumann", public) == VKEY
    assert notes.signature_line("PeterNeumann", public, private.sign(TEXT.encode())) == SIGNATURE
    key = verify.key_of(VKEY)
    text, [(name, hashed, signature)] = verify.signed_note((TEXT + "\n" + SIGNATURE).encode())
    assert (text, name, hashed) == (TEXT, key.name, key.hash)
    assert verify.verifies(key.public, signature, text.encode())
    assert key.public == public


def test_no_part_of_a_verifier_key_can_be_another() -> None:
    """As that package's tests do: no part of the key is a key, nor is one with a letter changed."""
    for at in range(len(VKEY)):
        for wrong in (
            VKEY[at + 1 :],
            VKEY[:at],
            f"{VKEY[:at]}{chr(ord(VKEY[at]) + 1)}{VKEY[at + 1 :]}",
        ):
            with pytest.raises(ValueError, match=r".*"):
                verify.key_of(wrong)
    for wrong in (
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ):
        with pytest.raises(ValueError, match=r"Ed25519|base64"):
            verify.key_of(wrong)


NOTE = f"{TEXT}\n{SIGNATURE}"


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        TEXT,
        NOTE[:-1],
        NOTE.replace("\u2014", "-"),
        NOTE.replace("PeterNeumann ", "Peter Neumann "),
        NOTE.replace("x08g", "!08g"),
        TEXT + "\n\u2014 PeterNeumann AAAA\n",
        NOTE + "more\n",
        NOTE + "\n",
    ],
)
def test_what_is_no_note_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        verify.signed_note(wrong.encode())


@pytest.mark.parametrize(
    "text",
    ["o\n1\n", "\n1\nROOT\n", "o\n0\nROOT\n", "o\n01\nROOT\n", "o\n1\nQUI=\n", "o\n-1\nROOT\n"],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    root = base64.b64encode(bytes(32)).decode()
    assert verify.checkpoint_of(f"o\n1\n{root}\nmore\n\n{SIGNATURE}".encode()).size == 1
    with pytest.raises(ValueError, match=r".*"):
        verify.checkpoint_of(f"{text.replace('ROOT', root)}\n{SIGNATURE}".encode())
