"""The console's ASGI entry with a stream that tests need not wait for."""

from tradingops.asgi import application
from tradingops.console.feed import stream
from tradingops.console.feed.policy import StreamPolicy

stream.POLICY = StreamPolicy(
    batch_seconds=0.02,
    poll_seconds=0.5,
    settle_seconds=0.3,
    check_seconds=0.3,
    beat_seconds=0.5,
    most_wait_seconds=0.3,
    ack_every=20,
    window=200,
    ring=100,
    replay=300,
    most_letters=30,
)

__all__ = ["application"]
