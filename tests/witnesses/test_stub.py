"""The stub witness is shown to believe what is right, and to refuse what is not, on its own."""

from dataclasses import replace

import pytest

from domain.audit.merkle import Frontier, Range, consistency_path, leaf_hash
from infrastructure.sealing import notes
from infrastructure.witnesses.tlog import cosignature_in, request_of
from infrastructure.witnesses.witness import HttpWitness, verifier_key_of
from tests.kit.receiver import Received
from tests.kit.stub_witness import Seen, StubWitness, consistent

LEAVES = [leaf_hash(bytes([n])) for n in range(40)]


def root(part: Range) -> bytes:
    tree = Frontier()
    for leaf in LEAVES[part.low : part.high]:
        tree.add(leaf)
    return tree.root()


def seen(size: int) -> Seen:
    return Seen(size, root(Range(0, size)))


def test_every_right_proof_is_believed_and_no_other() -> None:
    for new in range(1, len(LEAVES) + 1):
        for old in range(1, new + 1):
            proof = list(map(root, consistency_path(old, new)))
            assert consistent(seen(old), seen(new), proof)
            assert not consistent(Seen(old, bytes(32)), seen(new), proof)
            assert not consistent(seen(old), Seen(new, bytes(32)), proof)
            assert not consistent(seen(old), seen(new), [*proof, bytes(32)])
            for at in range(len(proof)):
                assert not consistent(seen(old), seen(new), proof[:at] + proof[at + 1 :])


EXAMPLE_NOTE = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa \
Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""
"""The example of C2SP tlog-cosignature."""


@pytest.fixture
def witness() -> StubWitness:
    return StubWitness()


def test_a_checkpoint_that_its_log_did_not_sign_is_not_cosigned(witness: StubWitness) -> None:
    request = Received("/prefix/add-checkpoint", {}, request_of(0, [], EXAMPLE_NOTE))
    assert witness.answer(request).startswith(b"HTTP/1.1 404")
    witness.trusted["example.com/behind-the-sofa"] = [bytes(32)]
    assert witness.answer(request).startswith(b"HTTP/1.1 403")
    changed = replace(request, body=request.body.replace(b"20852163", b"20852164"))
    assert witness.answer(changed).startswith(b"HTTP/1.1 403")


def test_a_cosignature_is_found_among_others_and_is_for_this_note_alone(
    witness: StubWitness,
) -> None:
    text = EXAMPLE_NOTE.partition("\n\n")[0]
    name, public = verifier_key_of(witness.verifier_key)
    known = HttpWitness("https://witness.example", name, public)
    said = witness.cosigned(text).encode()
    line = cosignature_in(known, EXAMPLE_NOTE, said)
    assert line.encode() in said
    _, signatures = notes.read(EXAMPLE_NOTE + line)
    assert signatures[-1].key_hash == known.key_hash
