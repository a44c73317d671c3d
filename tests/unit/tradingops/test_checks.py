"""What is found wrong with a desk before it runs."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.test_architecture import ROOT
from tradingops import apps, checks


def test_a_misspelt_variable_is_pointed_out_with_the_known_ones(monkeypatch):
    monkeypatch.setenv("TRADINGOPS_MOED", "live")
    (warning,) = checks.every_variable_is_known()
    assert warning.id == "tradingops.W001"
    assert "TRADINGOPS_MOED" in warning.msg
    assert warning.hint is not None
    assert "TRADINGOPS_MODE" in warning.hint


def test_known_variables_pass(monkeypatch):
    monkeypatch.setenv("TRADINGOPS_MODE", "paper")
    assert checks.every_variable_is_known() == []


@pytest.mark.parametrize(("mode", "debug", "faults"), [("live", True, 1), ("live", False, 0), ("paper", True, 0)])
def test_tracebacks_are_not_shown_where_real_orders_are_sent(settings, mode, debug, faults):
    settings.MODE, settings.DEBUG = mode, debug
    assert len(checks.live_is_not_shown_in_the_open()) == faults


def test_an_old_postgresql_is_refused_with_the_way_out():
    with pytest.raises(ImproperlyConfigured, match=r"leads to PostgreSQL 14\.9; tradingops needs 15 or newer.*unset"):
        apps.refuse_old_postgresql(connection=SimpleNamespace(pg_version=140_009))


@pytest.mark.parametrize("version", [150_000, 180_004])
def test_a_new_enough_postgresql_is_not(version):
    apps.refuse_old_postgresql(connection=SimpleNamespace(pg_version=version))


@pytest.mark.parametrize(("https", "faults"), [("true", 0), ("false", 1)])
def test_a_desk_behind_tls_is_ready_to_be_deployed_and_one_without_is_not(tmp_path, https, faults):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TRADINGOPS", "DJANGO"))}
    environment |= {"TRADINGOPS_DATA": str(tmp_path), "TRADINGOPS_HTTPS": https}
    command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]
    environment |= {"DJANGO_SETTINGS_MODULE": "tradingops.settings"}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ended.returncode == faults, ended.stderr
    assert ("security.W004" in ended.stderr) is bool(faults)
