"""Faithful stand-ins for the trackers, built from facts about their APIs: for the demo, for tests, for trying a config."""
