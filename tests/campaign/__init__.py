"""Campaigns: rings of tests too long for the normal suite, run by command, in pieces if need be.

    python -m tests.campaign simulation --seeds 5000            # goes on where it stopped; --fresh begins anew
    python -m tests.campaign simulation --seed 17 -v            # one case again, with its history
    python -m tests.campaign pairs --minutes 10 --jobs 2        # every ordered pair of faults
    python -m tests.campaign laws --examples 100000             # of every law of the pure core
    python -m tests.campaign mutations --only I10               # planted bugs that the tests must notice

What was done is kept in data/campaign, which is ignored, and counts for one state of the code only.

A ring is one file here that defines a `Ring`, and one entry in `rings.py`.
"""
