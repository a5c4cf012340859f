"""Faithful stand-ins for the trackers, built from facts about their APIs: for demo, tests and trying a config."""
