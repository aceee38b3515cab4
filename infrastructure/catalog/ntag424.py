"""Proofs of NTAG 424 DNA tags: who mirrors a UID and a counter also mirrors a MAC of both.

NXP AN12196 (features and hints), on secure dynamic messaging: the session key is the CMAC of SV2
under the tag's SDMFileReadKey, and every second byte of the CMAC under it is mirrored. The MAC is
taken of nothing more than UID and counter: SDMMACInputOffset equals SDMMACOffset.
"""

import hmac

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

KEY_BYTES = 16
PROOF_BYTES = 8
UID_BYTES = 7
COUNTER_BYTES = 3
_SV2 = bytes.fromhex("3CC300010080")


def proof_of(key: bytes, uid: bytes, counter: int) -> bytes:
    """Give what a tag with this key mirrors at a counter."""
    read_counter = counter.to_bytes(COUNTER_BYTES, "little")
    session_key = _cmac(key, _SV2 + uid + read_counter)
    return _cmac(session_key, b"")[1::2]


def proves(key: bytes, uid: bytes, counter: int, given: bytes) -> bool:
    """Whether a proof is that of a tag with this key; it takes as long whatever is wrong."""
    return hmac.compare_digest(proof_of(key, uid, counter), given)


def _cmac(key: bytes, message: bytes) -> bytes:
    made = CMAC(AES(key))
    made.update(message)
    return made.finalize()
