"""The external systems, each in a folder of its own behind the protocol of `base.py`."""
