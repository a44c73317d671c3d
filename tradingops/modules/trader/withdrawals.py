"""Withdrawals: entries that are asked back, because the position is left or because of a halt."""

from __future__ import annotations

from dataclasses import replace

from portfolio.execution import order
from tradingops.modules.trader import reports
from tradingops.modules.trader.placing import orders
from tradingops.modules.trader.sheet import Sheet
from tradingops.modules.trader.state import Execution


def obey_halts(sheet: Sheet) -> None:
    """Take back, once, every entry that a halt concerns: of the trader, the symbol, or a venue that it is out at."""
    for each in list(sheet.executions.values()):
        if each.is_entry and not each.halted and (why := _halt(sheet, each)):
            withdraw(sheet, replace(each, halted=why), reason=why)


def withdraw(sheet: Sheet, entry: Execution, *, reason: str) -> None:
    """Ask for what an entry has out back and send no more of it; report it at once where nothing is out."""
    stopped = orders.cancel(sheet, entry)
    if stopped.is_over:
        del sheet.executions[stopped.key]
        ending = reports.ending(stopped, order.Status.CANCELLED)
        reports.execution(sheet, stopped, status=ending, reason=reason)


def _halt(sheet: Sheet, entry: Execution) -> str | None:
    return sheet.halt or next(
        (sheet.closed[out.venue] for out in entry.orders.values() if out.venue in sheet.closed), None
    )
