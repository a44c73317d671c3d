"""The console's entry for an ASGI server: pages over HTTP, the live feed over WebSockets."""

import os

from django.core.asgi import get_asgi_application

from tradingops import localpg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingops.settings")
localpg.ensure()
pages = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402  (needs the applications that the line above loads)
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from tradingops.routing import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": pages,
        "websocket": AuthMiddlewareStack(URLRouter(websocket_urlpatterns)),
    }
)
