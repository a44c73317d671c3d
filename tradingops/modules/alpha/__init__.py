"""The alpha detector's steps, in the order a bar meets them.

``anomalies`` and ``detection`` look at the bar; ``confirmation`` asks the other timeframes; ``slots`` asks whether the
desk may still be told; ``plan_making`` and ``pack`` write down what is said.
"""
