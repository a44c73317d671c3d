"""The risk manager's steps, in the order a bar meets them.

``windows`` keeps what each symbol did, ``equity`` what the book was worth; ``book_risk`` judges the book under both;
``report`` writes down what is said.
"""
