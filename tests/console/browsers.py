"""A browser beside Django in one thread: playwright keeps an event loop there, which Django's guard takes for ours."""

import os

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
