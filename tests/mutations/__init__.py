"""Mutations: bugs that somebody could really plant, and the tests that must notice each of them.

A property that no planted bug can break is not a test. So for every invariant of the specification the files here name
substitutions in the sources, exact in text, and the narrowest tests that go red under each:

    [[bug]]
    name = "pending-after-watermark"       # unique
    breaks = ["I10"]                       # the invariants
    story = "the watermark is committed before the work is done"
    file = "reconciler/cycle.py"
    old = '''…'''                          # occurs exactly once in the file
    new = '''…'''
    red = ["tests/engine/test_cycle.py::test_an_outage_loses_nothing"]

    python -m tests.campaign mutations                 # plants all, one after the other, each in a copy of the tree
    python -m tests.campaign mutations --only I10      # those whose name or invariants contain this

Green is the failure. A substitution that no longer applies fails the normal suite (test_catalogue.py).
"""
