"""Who objects lies sealed."""

from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag

from services.publication.domain.objections import Objector
from services.publication.sealing import seal, unseal

KEY, OTHER = b"k" * 32, b"o" * 32
WHO = Objector(name="张三", contact="13900000000", text="申报数据与公开年报不一致。")


def test_sealed_objector_is_unreadable_and_opens_again() -> None:
    objection = uuid4()
    sealed = seal(KEY, objection, WHO)

    assert "张三".encode() not in sealed
    assert b"13900000000" not in sealed
    assert unseal(KEY, objection, sealed) == WHO
    assert seal(KEY, objection, WHO) != sealed


def test_sealed_bytes_open_only_for_their_objection_and_key() -> None:
    objection = uuid4()
    sealed = seal(KEY, objection, WHO)

    for key, place in ((OTHER, objection), (KEY, uuid4())):
        with pytest.raises(InvalidTag):
            unseal(key, place, sealed)
