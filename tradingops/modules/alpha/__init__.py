"""Alpha, in the order in which a bar meets its files.

``tape`` remembers the bar; ``anomalies`` and ``detection`` look at it; ``confirmation`` asks the other timeframes and
``slots`` whether another plan may be open; ``assembly`` gathers what speaks for it: ``intelligence``, evidence, lessons
and curators; ``planning`` makes the plan, ``signals`` the strand; ``outcomes`` learns what became of it.
"""
