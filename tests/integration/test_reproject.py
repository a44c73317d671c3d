"""What people's rows are made again from, when a strand that came by SQL cannot be read."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from strands.wires.postgres import PostgresWire

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_strand_that_cannot_be_read_is_named_and_the_rest_is_made_again(
    real_wire: PostgresWire, capsys: pytest.CaptureFixture[str]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO op_strands (id, kind, op_note) VALUES ('deep', 'note', %s), ('sound', 'note', '{}')",
            ["[" * 3_000 + "]" * 3_000],
        )
    call_command("reproject")
    told = capsys.readouterr().err
    assert "op_strands: deep left out: RecursionError" in told
    assert "1 strands read" in told
