"""The pictures of the documentation, taken of a running desk.

    python -m tests.pictures --address http://127.0.0.1:8000 --password WORD [--user operator]

A desk as ``up`` starts it has something to show after some minutes. Only the pictures named in ``PICTURES`` are taken.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from tests import chromiums

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
#: Each picture's page.
PICTURES = {"home": "/admin/", "trades": "/admin/trades/"}
SIZE = {"width": 1440, "height": 900}
#: What charts and times need once a page has come [ms].
SETTLE_MS = 1_500


def main(argv: Sequence[str] | None = None) -> None:
    """Sign in, and take every picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--user", default="operator")
    parser.add_argument("--password", required=True)
    asked = parser.parse_args(argv)
    with chromiums.running() as browser:
        page = browser.new_page(viewport=SIZE, color_scheme="light")  # type: ignore[arg-type]
        page.goto(f"{asked.address}/admin/login/")
        page.fill("[name=username]", asked.user)
        page.fill("[name=password]", asked.password)
        page.click("[type=submit]")
        page.wait_for_selector("main")
        for name, address in PICTURES.items():
            page.goto(asked.address + address)
            page.wait_for_timeout(SETTLE_MS)
            page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
