"""The company's rows of what the desk says, in the order in which they need one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from strands.strand import Strand
from tradingops.company.history import projections as history
from tradingops.company.positions import projections as positions
from tradingops.company.signals import projections as signals


def project(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Write what these strands mean to the company, in the caller's transaction; telling again changes nothing."""
    signals.project(connection, strands)
    positions.project(connection, strands)
    history.project(connection, strands)
