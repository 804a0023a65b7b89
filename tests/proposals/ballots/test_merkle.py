import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.proposals.ballots.merkle import (
    CHAIN_START,
    EMPTY_ROOT,
    Frontier,
    Receipt,
    TreeHead,
    canonical_json,
    consistency_path,
    content_hash,
    inclusion_path,
    leaf_hash,
    next_chain,
    tagged_hash,
    tree_root,
    utc_text,
    verify_consistency,
    verify_inclusion,
)

# The test vectors of the Certificate Transparency reference implementation.
CT_INPUTS = [
    bytes.fromhex(x)
    for x in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

leaves_of = st.lists(st.binary(max_size=8), max_size=40).map(lambda xs: [leaf_hash(x) for x in xs])


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_agree_with_certificate_transparency(size: int) -> None:
    leaves = [leaf_hash(x) for x in CT_INPUTS[:size]]
    assert tree_root(leaves).hex() == CT_ROOTS[size - 1]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert tree_root([]) == EMPTY_ROOT == Frontier().root() == sha256(b"").digest()


@given(leaves_of)
def test_appending_one_by_one_gives_the_same_root(leaves: list[bytes]) -> None:
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.append(leaf)
    assert (frontier.size, frontier.root()) == (len(leaves), tree_root(leaves))


@given(leaves_of.filter(bool), st.data())
def test_every_leaf_is_proved_and_nothing_else(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path, root = inclusion_path(index, leaves), tree_root(leaves)
    assert verify_inclusion(leaves[index], index, len(leaves), path, root)
    assert not verify_inclusion(leaf_hash(b"another ballot"), index, len(leaves), path, root)
    assert not verify_inclusion(leaves[index], index, len(leaves), [*path, root], root)
    assert not verify_inclusion(leaves[index], len(leaves), len(leaves), path, root)
    if path:
        assert not verify_inclusion(leaves[index], index, len(leaves), path[:-1], root)
        assert not verify_inclusion(leaves[index], index, len(leaves), [b"\xff" * 32, *path[1:]], root)


@given(leaves_of, st.data())
def test_a_log_is_consistent_with_each_of_its_beginnings(leaves: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(0, len(leaves)))
    path, old_root, root = consistency_path(old, leaves), tree_root(leaves[:old]), tree_root(leaves)
    assert verify_consistency(old, old_root, len(leaves), root, path)
    assert not verify_consistency(old, leaf_hash(b"rewritten"), len(leaves), root, path)
    if 0 < old < len(leaves):
        assert not verify_consistency(old, old_root, len(leaves), leaf_hash(b"rewritten"), path)
        assert not verify_consistency(old, old_root, len(leaves), root, path[:-1])


@given(leaves_of.filter(lambda x: len(x) > 1), st.data())
def test_a_rewritten_history_is_not_consistent(leaves: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(1, len(leaves) - 1))
    forged_at = data.draw(st.integers(0, old - 1))
    forged = [*leaves[:forged_at], leaf_hash(b"a forged ballot!"), *leaves[forged_at + 1 :]]
    assert not verify_consistency(
        old, tree_root(leaves[:old]), len(leaves), tree_root(forged), consistency_path(old, forged)
    )


def test_proofs_outside_the_tree_are_refused() -> None:
    with pytest.raises(IndexError):
        inclusion_path(0, [])
    with pytest.raises(IndexError):
        consistency_path(2, [leaf_hash(b"a")])


def test_the_chain_depends_on_order() -> None:
    a, b = leaf_hash(b"a"), leaf_hash(b"b")
    assert next_chain(next_chain(CHAIN_START, a), b) != next_chain(next_chain(CHAIN_START, b), a)


def test_canonical_json_has_one_form() -> None:
    assert canonical_json({"b": 1, "a": ["是", None, True]}) == '{"a":["是",null,true],"b":1}'.encode()


TEXTS = st.text(max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_canonical_json_is_json_as_anybody_writes_it_with_sorted_keys(value: dict) -> None:
    written = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert canonical_json(value) == written.encode()


@pytest.mark.parametrize("value", [{"a": 0.5}, {"a": [1, {"b": 2.0}]}, {"a": float("nan")}, {1: "a"}, {"a": {2: "b"}}])
def test_canonical_json_refuses_what_is_not_exact(value: dict) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


def test_domain_tags_and_lengths_keep_hashes_apart() -> None:
    assert tagged_hash("a", b"x") != tagged_hash("b", b"x")
    assert tagged_hash("a", b"xy", b"z") != tagged_hash("a", b"x", b"yz")
    assert content_hash("a", {"k": 1}) == tagged_hash("a", b'{"k":1}').hex()


def test_a_moment_is_written_one_way() -> None:
    noon_in_china = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=8)))
    assert utc_text(noon_in_china) == utc_text(datetime(2026, 3, 1, 4, 0, tzinfo=UTC)) == "2026-03-01T04:00:00.000000Z"


def test_what_is_signed_names_its_kind() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    head = TreeHead("r", 3, b"\x01" * 32, b"\x02" * 32, at).signing_bytes()
    receipt = Receipt("r", "b", b"\x01" * 32, at).signing_bytes()
    assert b"diyuan.tree_head.v1" in head
    assert b"diyuan.receipt.v1" in receipt
    assert head != receipt
