"""Keeps work items and tasks of two trackers equal, by polling both and pushing only net changes."""

__version__ = "0.1.0"
