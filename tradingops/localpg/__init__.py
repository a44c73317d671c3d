"""The private PostgreSQL: what a desk runs on when nobody names a database.

Standard library only, because it runs before Django does. A wheel or the system gives the binaries; the life of the
server is ours: it starts on first use, survives the command that started it, and heals after any kill.
"""

from tradingops.localpg.account import NoAccount
from tradingops.localpg.binaries import NoBinaries, major_of
from tradingops.localpg.cluster import APPLICATION, OWNER, Cluster, Unavailable
from tradingops.localpg.places import data_folder, ensure, ensure_for, private, socket_of

#: What a person can mend: the message says how.
FAULTS = (Unavailable, NoBinaries, NoAccount)

__all__ = [
    "APPLICATION",
    "FAULTS",
    "OWNER",
    "Cluster",
    "NoAccount",
    "NoBinaries",
    "Unavailable",
    "data_folder",
    "ensure",
    "ensure_for",
    "major_of",
    "private",
    "socket_of",
]
