"""``manage.py train_classifier``: a module of weights that can be imported, the same whenever it is asked for."""

from __future__ import annotations

import json
import runpy
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from curators.dsi.experts import classifier
from tradingops.quant.management.commands.train_classifier import Command

FEW = ("--bars", "1500")


def trained(*arguments: str) -> dict:
    out = StringIO()
    call_command(Command(stdout=out), *arguments)
    return json.loads(out.getvalue())


def test_a_simulated_market_is_learned_from_where_no_file_is_given(tmp_path):
    first, second = tmp_path / "first.py", tmp_path / "second.py"
    report = trained(*FEW, "--out", str(first))
    assert trained(*FEW, "--out", str(second)) == report
    assert first.read_bytes() == second.read_bytes()
    written = runpy.run_path(str(first))
    assert classifier.Network.of(written["LEARNED"]).output.shape == (8,)
    assert written["TRAINED"]["held_out"] == report["held_out"]


def test_a_file_that_is_not_there_is_told_by_name(tmp_path):
    with pytest.raises(CommandError, match="there is no such file"):
        trained(str(tmp_path / "BTCUSDT_5m.csv.gz"))


def test_bars_that_are_too_few_are_told_with_the_way_out():
    with pytest.raises(CommandError, match="give more bars"):
        trained("--bars", "60")
