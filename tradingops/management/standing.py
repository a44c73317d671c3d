"""How the desk stands, in a few figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from portfolio.models import PortfolioState, TraderPosition
from strands.models import Delivery, MarketStrand, Message, Worker

#: A worker that has not beaten for so long is counted as gone.
SILENT_AFTER = timedelta(seconds=30)


def of_the_desk() -> dict[str, Any]:
    """Return the desk's state as JSON values: database, workers, what waits and failed, last bar, money."""
    return {
        "mode": settings.MODE,
        "database": _database(),
        "workers": [_worker(worker) for worker in Worker.objects.order_by("listener", "-beat_at")],
        "listeners": _listeners(),
        "last_bar": _last_bar(),
        "portfolio": _portfolio(),
    }


def _database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
        version, size = cursor.fetchone()
    described = connection.settings_dict
    return {
        "name": described["NAME"],
        "host": str(described["HOST"] or "local"),
        "postgresql": version,
        "bytes": size,
        "private": str(described["HOST"]).startswith("/"),
    }


def _worker(worker: Worker) -> dict[str, Any]:
    silent = timezone.now() - worker.beat_at
    return {
        "listener": worker.listener,
        "host": worker.host,
        "pid": worker.pid,
        "turns": worker.turns,
        "faults": worker.faults,
        "beat_seconds_ago": round(silent.total_seconds(), 1),
        "alive": silent < SILENT_AFTER,
    }


def _listeners() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    waiting = Delivery.objects.values("listener").annotate(
        count=Count("seq"), tried=Count("seq", filter=Q(attempts__gt=0)), oldest=Min("created_at")
    )
    for row in waiting:
        age = (timezone.now() - row["oldest"]).total_seconds()
        found[row["listener"]] = {"waiting": row["count"], "retrying": row["tried"], "oldest_seconds": round(age, 1)}
    failed = Message.objects.filter(status=Message.Status.FAILED).values("listener").annotate(count=Count("message_id"))
    for each in failed:
        found.setdefault(each["listener"], {})["failed"] = each["count"]
    nothing = {"waiting": 0, "retrying": 0, "oldest_seconds": 0.0, "failed": 0}
    return {name: {**nothing, **figures} for name, figures in sorted(found.items())}


def _last_bar() -> str | None:
    at = MarketStrand.objects.filter(kind="bar").aggregate(at=Max("at"))["at"]
    return at.isoformat() if at else None


def _portfolio() -> dict[str, Any] | None:
    latest = PortfolioState.objects.order_by("-at").first()
    if latest is None:
        return None
    return {
        "at": latest.at.isoformat(),
        "value": str(latest.portfolio_value),
        "cash": str(latest.cash_balance),
        "open_positions": TraderPosition.objects.exclude(quantity=0).count(),
    }
