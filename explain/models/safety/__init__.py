"""A file from a stranger: looked at first, then tried in a process of its own, and only then let in.

Light on purpose: the limited process imports this package, too.
"""
