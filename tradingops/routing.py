"""The WebSocket addresses."""

from typing import Any

from django.urls import path

from tradingops.console.feed.consumers import StreamConsumer

websocket_urlpatterns: list[Any] = [path("ws/stream/", StreamConsumer.as_asgi())]
