"""The demo: two simulated trackers, a real engine between them, and people who edit both sides."""
