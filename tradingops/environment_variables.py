"""Every environment variable that tradingops reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One variable: what it means, what it looks like, and what holds without it."""

    name: str
    shape: str
    meaning: str
    default: str = ""
    secret: bool = False


VARIABLES = {
    variable.name: variable
    for variable in (
        Variable(
            name="DATABASE_URL",
            shape="postgresql://USER:PASSWORD@HOST:PORT/NAME",
            meaning="The database, any PostgreSQL from 15 on. Without it a private one runs under TRADINGOPS_DATA.",
            secret=True,
        ),
        Variable(
            name="DATABASE_LISTEN_URL",
            shape="postgresql://USER:PASSWORD@HOST:PORT/NAME",
            meaning="A direct way to the same database for LISTEN, where DATABASE_URL leads through a pooler.",
            secret=True,
        ),
        Variable(
            name="DATABASE_REPLICA_URL",
            shape="postgresql://USER:PASSWORD@HOST:PORT/NAME",
            meaning="A standby of the same database, for the console's long lists.",
            secret=True,
        ),
        Variable(
            name="DJANGO_SECRET_KEY",
            shape="at least 50 characters, 5 of them different",
            meaning="Signs sessions. Without it one is made once and kept in TRADINGOPS_DATA/secret-key, mode 0600.",
            secret=True,
        ),
        Variable(
            name="DJANGO_DEBUG",
            shape="true or false",
            default="false",
            meaning="Shows tracebacks in the browser. Never where others reach the console.",
        ),
        Variable(
            name="TRADINGOPS_MODE",
            shape="paper or live",
            default="paper",
            meaning="Whether orders go to the paper venue or to a real one.",
        ),
        Variable(
            name="TRADINGOPS_OBSERVERS",
            shape="true or false",
            default="false",
            meaning="Also notify one channel a tag (dm_evaluate_plan and so on) with each strand's id; set by migrate.",
        ),
        Variable(
            name="TRADINGOPS_DATA",
            shape="a folder that you may write to",
            default=".data",
            meaning="Holds the private PostgreSQL, the secret key and the first sign-in; beside manage.py.",
        ),
        Variable(
            name="TRADINGOPS_ALLOWED_HOSTS",
            shape="host names, separated by commas",
            default="localhost,127.0.0.1,[::1]",
            meaning="The names by which a browser may call the console.",
        ),
        Variable(
            name="TRADINGOPS_TRUSTED_ORIGINS",
            shape="origins such as https://desk.example, separated by commas",
            meaning="Where forms and sockets may come from when a proxy stands in front of the console.",
        ),
        Variable(
            name="TRADINGOPS_HTTPS",
            shape="true or false",
            default="false",
            meaning="A proxy ends TLS in front of the console and sets X-Forwarded-Proto; cookies go by HTTPS only.",
        ),
        Variable(
            name="TRADINGOPS_LOG_LEVEL",
            shape="debug, info, warning, error or critical",
            default="info",
            meaning="The least that is logged.",
        ),
        Variable(
            name="TRADINGOPS_LOG_FORMAT",
            shape="text or json",
            default="text",
            meaning="Log lines for people or for machines.",
        ),
        Variable(
            name="PG_BIN",
            shape="the bin folder of a PostgreSQL from 15 on",
            meaning="The programs that the private PostgreSQL is run from, before the wheel's and the system's.",
        ),
        Variable(
            name="TRADINGOPS_BARS",
            shape="a folder of recorded bars",
            meaning="Tests and benchmarks on real markets read it, and are skipped without it.",
        ),
        Variable(
            name="TRADINGOPS_TEST_PG_BIN",
            shape="the bin folder of a PostgreSQL from 15 on",
            meaning="As PG_BIN, for the tests' own private PostgreSQL.",
        ),
    )
}
