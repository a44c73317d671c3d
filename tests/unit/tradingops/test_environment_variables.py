"""The environment variables and how they are read."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from tradingops import settings
from tradingops.environment_variables import VARIABLES


@pytest.mark.parametrize(
    ("name", "value", "parse"),
    [
        ("TRADINGOPS_MODE", "Live", settings.desk_mode),
        ("TRADINGOPS_MODE", "live", settings.desk_mode),
        ("DJANGO_DEBUG", "perhaps", settings.switch),
        ("DATABASE_URL", "mysql://user@host/name", settings.postgresql),
        ("DATABASE_URL", "postgresql://user@host:port/name", settings.postgresql),
        ("DATABASE_URL", "postgresql://user@host", settings.postgresql),
        ("DATABASE_URL", "host=localhost dbname=desk", settings.postgresql),
    ],
)
def test_a_bad_value_is_refused_with_its_name_shape_and_way_out(monkeypatch, name, value, parse):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        settings.read(name, parse)
    said = str(refusal.value)
    assert said.startswith(f"{name}: ")
    assert VARIABLES[name].shape in said
    assert "unset it" in said


def test_a_secret_is_never_repeated_in_the_refusal(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://user:hunter2@host/name")
    with pytest.raises(ImproperlyConfigured) as refusal:
        settings.read("DATABASE_URL", settings.postgresql)
    assert "hunter2" not in str(refusal.value)


def test_an_empty_variable_is_an_unset_one(monkeypatch):
    monkeypatch.setenv("TRADINGOPS_MODE", "")
    assert settings.read("TRADINGOPS_MODE") == "paper"


@pytest.mark.parametrize("folder", ["/run/desk", "/home/a user/.data/pg"])
def test_a_database_behind_a_socket_is_reached_by_its_folder(folder):
    from urllib.parse import quote

    found = settings.postgresql(f"postgresql:///desk?user=postgres&host={quote(folder, safe='')}")
    assert found is not None
    assert (found["HOST"], found["USER"], found["NAME"]) == (folder, "postgres", "desk")


def test_a_password_may_hold_any_letter():
    found = settings.postgresql("postgresql://desk:p%40ss%2Fword@db.example:6432/desk?sslmode=require")
    assert found is not None
    assert found["PASSWORD"] == "p@ss/word"
    assert found["OPTIONS"]["sslmode"] == "require"
