"""What is measured, never part of the suite."""

import importlib.util
import sys

#: What the tests' environment has and the one that runs a desk lacks.
NEEDED = ("pytest", "pytest_django", "pgqueuer", "hypothesis")

if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
    sys.exit(
        f"Benchmarks need {', '.join(missing)}, which this environment lacks: run them with "
        "`python3 manage.py test --benchmarks`, which builds the one for tests first."
    )
