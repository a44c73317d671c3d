"""The desk's settings as the tests want them: a private cluster that need not survive, and a database of one's own."""

import os

if binaries := os.environ.get("TRADINGOPS_TEST_PG_BIN"):
    os.environ["PG_BIN"] = binaries

from tests.slots import take_slot
from tradingops import localpg
from tradingops.settings import *  # noqa: F403
from tradingops.settings import DATA_FOLDER, DATABASES, private

#: Two suites at once, on one machine, use two databases.
SLOT = take_slot(DATA_FOLDER)
#: The private cluster that the tests use, None with DATABASE_URL: one a major version, where one is named.
PRIVATE_CLUSTER = None if os.environ.get("DATABASE_URL") else f"pgtest{localpg.major_of(binaries) if binaries else ''}"

if PRIVATE_CLUSTER:
    DATABASES["default"] = private(PRIVATE_CLUSTER)
#: The tests work as the owner of their database; those of the roles connect as the application themselves.
DATABASE_OWNER = None
DATABASES["default"]["TEST"] = {"NAME": f"test_tradingops_{SLOT}"}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
