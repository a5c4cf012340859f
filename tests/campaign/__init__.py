"""Campaigns: rings of tests too long for the normal suite, run by command, in pieces if need be.

    python -m tests.campaign worlds --seeds 5000 --minutes 10   # goes on where it stopped; --fresh begins anew
    python -m tests.campaign worlds --seed 17 -v                # one case again, with its history

What was done is kept in data/campaign, which is ignored, and counts for one state of the code only.

A ring is one file here that defines `RING`, and one entry in `rings.py`.
"""
