"""A file from a stranger: zips checked before they are unpacked, and a process with limits to open the rest in.

Light on purpose: the limited process imports this package, too.
"""
