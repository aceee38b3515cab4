"""CAT-14: proofs of NTAG 424 DNA tags are those that NXP publishes."""

import pytest

from infrastructure.catalog.ntag424 import proof_of, proves

pytestmark = pytest.mark.row("CAT-14")

ZEROS = bytes(16)
UID = bytes.fromhex("04DE5F1EACC040")
COUNTER = 0x3D
PROOF = bytes.fromhex("94EED9EE65337086")
"""An example of NXP AN12196: the key that tags leave the factory with, a UID and a counter."""


def test_a_proof_is_that_of_the_published_example() -> None:
    assert proof_of(ZEROS, UID, COUNTER) == PROOF
    assert proves(ZEROS, UID, COUNTER, PROOF)


def test_a_plain_mirror_proves_in_the_same_way() -> None:
    assert proof_of(ZEROS, bytes.fromhex("041E3C8A2D6B80"), 6).hex() == "4b00064004b0b3d3"


@pytest.mark.parametrize(
    ("key", "uid", "counter", "proof"),
    [
        (bytes(15) + b"\1", UID, COUNTER, PROOF),
        (ZEROS, bytes.fromhex("04DE5F1EACC041"), COUNTER, PROOF),
        (ZEROS, UID, COUNTER + 1, PROOF),
        (ZEROS, UID, COUNTER, PROOF[:-1] + b"\0"),
        (ZEROS, UID, COUNTER, b""),
    ],
)
def test_nothing_else_proves(key: bytes, uid: bytes, counter: int, proof: bytes) -> None:
    assert not proves(key, uid, counter, proof)
