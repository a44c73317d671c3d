"""How a webhook's message is signed: whoever knows the secret can tell that it came from this desk, and when."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

ID, STAMP, SIGNATURE = "Tradingops-Id", "Tradingops-Timestamp", "Tradingops-Signature"
#: How old a message may be that a receiver should take [s].
TOLERANCE = 300


def secret(key: str, *, way: int, salt: str) -> str:
    """Return a way's secret: derived from the desk's own key, and kept nowhere."""
    told = f"tradingops webhook {way} {salt}"
    return "whsec_" + hmac.new(key.encode(), told.encode(), hashlib.sha256).hexdigest()


def body(told: dict[str, Any]) -> bytes:
    """Return a message's body, JSON in one spelling."""
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signed(text: bytes, *, secret: str, stamp: int) -> str:
    """Return the signature of a body at a moment (whole seconds since 1970)."""
    return "v1=" + hmac.new(secret.encode(), f"{stamp}.".encode() + text, hashlib.sha256).hexdigest()


def holds(text: bytes, *, secret: str, stamp: str, signature: str, now: int) -> bool:
    """Return whether a message is this desk's and fresh: what a receiver asks, in constant time."""
    if not stamp.isdecimal() or abs(now - int(stamp)) > TOLERANCE:
        return False
    return hmac.compare_digest(signed(text, secret=secret, stamp=int(stamp)), signature)
