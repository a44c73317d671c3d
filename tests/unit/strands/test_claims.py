"""What becomes of a delivery as it is taken."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from strands.wires import claims


class Taken(NamedTuple):
    """A row as the statement that takes deliveries returns it, as far as a claim reads it."""

    strand_table: str = "ad_strands"
    strand_id: str = "01KE70EHG000Y4163QD5C09Y90"
    tag: str = "dm:evaluate_plan"
    partition: str = "BTC-PERP"
    attempts: int = 2
    expired: bool = False


@pytest.mark.parametrize("text", ["[1", "[]", '"word"', "{}", "[" * 3_000 + "]" * 3_000])
def test_a_strand_that_cannot_be_read_goes_to_no_module_and_says_why(text: str) -> None:
    found = claims.claimed(Taken(), text)
    assert found.over
    assert (found.turn.status, found.turn.strand.id, found.turn.attempts) == ("failed", Taken().strand_id, 2)
    assert found.turn.fault is not None
