"""Decisions and models as documents for people."""
