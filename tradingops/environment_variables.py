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
            name="DATABASE_OWNER_URL",
            shape="postgresql://USER:PASSWORD@HOST:PORT/NAME",
            meaning="The same database as its owner: migrations, reprojecting, `roles`. Unset, DATABASE_URL does.",
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
            shape="paper",
            default="paper",
            meaning="Where orders go: to the paper venue. `live` is refused until a live venue exists.",
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
            name="TRADINGOPS_PROXIES",
            shape="a whole number from 0 to 10",
            default="0",
            meaning="How many proxies of yours append to X-Forwarded-For; with 0 nobody believes that header.",
        ),
        Variable(
            name="TRADINGOPS_SESSION_HOURS",
            shape="hours from 0.1 to 720",
            default="12",
            meaning="How long a sign-in lasts, from its moment on, however much is done in it.",
        ),
        Variable(
            name="TRADINGOPS_SECOND_FACTOR",
            shape="optional or required",
            default="optional",
            meaning="Whether whoever may change something has to switch on codes of an app before they do.",
        ),
        Variable(
            name="TRADINGOPS_SECOND_PERSON_ABOVE",
            shape="an amount from 0 on, in the desk's currency",
            meaning="Closing more than this takes a second person who confirms; unset, nothing does. Set by migrate.",
        ),
        Variable(
            name="TRADINGOPS_SECOND_PERSON_MINUTES",
            shape="minutes from 1 to 1440",
            default="15",
            meaning="How long a closing waits for its second person before it expires. Set by migrate.",
        ),
        Variable(
            name="TRADINGOPS_URL",
            shape="an address such as https://desk.example",
            default="http://127.0.0.1:8000",
            meaning="Where people reach the console: what links in messages begin with.",
        ),
        Variable(
            name="TRADINGOPS_MAIL_URL",
            shape="smtp+tls://USER:PASSWORD@HOST:PORT",
            meaning="The mail server that notices go out by; also smtp://, smtps://, consolemail:// or filemail:///FOLDER.",
            secret=True,
        ),
        Variable(
            name="TRADINGOPS_MAIL_FROM",
            shape="an e-mail address",
            default="tradingops@localhost",
            meaning="Whom e-mail of the desk is from.",
        ),
        Variable(
            name="TRADINGOPS_NOTICES_PRIVATE",
            shape="true or false",
            default="false",
            meaning="Whether webhooks may lead into private networks, and go by http.",
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
            name="TRADINGOPS_LESSON_URL",
            shape="https://HOST/v1, without user, query or fragment",
            meaning="An OpenAI-compatible endpoint that words lessons. Without it their template does.",
            secret=True,
        ),
        Variable(
            name="TRADINGOPS_LESSON_MODEL",
            shape="a model's name, at most 200 letters",
            meaning="The model that is asked there.",
        ),
        Variable(
            name="TRADINGOPS_LESSON_KEY",
            shape="letters without spaces",
            meaning="The key to that endpoint, where it asks for one. It is neither stored nor logged.",
            secret=True,
        ),
        Variable(
            name="TRADINGOPS_LESSON_PROMPT_PRICE",
            shape="an amount from 0 to 100",
            meaning="What 1000 tokens of a question cost; 0 where they cost nothing.",
        ),
        Variable(
            name="TRADINGOPS_LESSON_ANSWER_PRICE",
            shape="an amount from 0 to 100",
            meaning="What 1000 tokens of an answer cost, in the same currency.",
        ),
        Variable(
            name="TRADINGOPS_LESSON_DAILY_CAP",
            shape="an amount from 0 to 100000",
            default="1",
            meaning="The most that lessons may cost in a day (UTC), in the same currency.",
        ),
        Variable(
            name="TRADINGOPS_LESSON_TIMEOUT",
            shape="seconds from 1 to 300",
            default="30",
            meaning="How long the words of one lesson may take, tries and waits together.",
        ),
        Variable(
            name="TRADINGOPS_LESSON_RETRIES",
            shape="a whole number from 0 to 10",
            default="2",
            meaning="How often a question is put again after a failure that may pass.",
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
