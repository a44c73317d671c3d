"""Recorded bars of a real market, played through a desk, on every page of the console."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from strands import models
from strands.market.feeds import recorded
from tests.console import day_pages, recorded_day

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


def test_pages_of_a_recorded_market_open_and_speak_to_people(bars_folder: Path, client: Client) -> None:
    files = [bars_folder / f"{symbol}_5m_2025-04_07.csv.gz" for symbol in SYMBOLS]
    bars = [bar for file in files for bar in recorded.read(file).bars[: recorded_day.MOMENTS]]
    recorded_day.play(sorted(bars, key=lambda bar: (bar.closed_at, bar.symbol)))
    assert day_pages.strands_of("dm", "decision").exists()
    client.force_login(User.objects.create_superuser("chief"))
    shown = [address for addresses in day_pages.PAGES.values() for address in addresses()]
    told = [address for model in models.STRANDS.values() for address in day_pages.lists(client, model)]
    assert day_pages.faults(client, [*shown, *told]) == []
