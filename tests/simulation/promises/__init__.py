"""Promises: the invariants of reliability.md, section 2, as functions that tell what does not hold, in sentences."""
