"""Whose fault a fault is: the turn's, or the database's."""

from __future__ import annotations

import psycopg

#: Classes of SQLSTATE that no turn is guilty of: a connection, transaction, schema or server that is not in order.
NO_TURNS_FAULT = ("08", "25", "40", "42", "53", "55", "57", "58", "XX")


def spoils_a_turn(fault: Exception) -> bool:
    """Return whether a fault tells of what a turn did or wrote, and not of the database it was written to."""
    if not isinstance(fault, psycopg.Error):
        return True
    if fault.sqlstate is None:
        return not isinstance(fault, psycopg.OperationalError | psycopg.InterfaceError)
    return not fault.sqlstate.startswith(NO_TURNS_FAULT)


def told(fault: Exception) -> str:
    """Return a fault as a record keeps it: free of NUL, and of a length."""
    return f"{type(fault).__name__}: {fault}".replace("\x00", "")[:2000]
