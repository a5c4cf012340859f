"""Ring S: the real engine, clients and store against simulated servers, on a virtual clock, from a seed.

    tape       H: everything that went over the wire, in order
    people     what somebody may do in the pages of either tracker, and what the pages show
    ledger     what people did, so that of every value it can be said what became of it
    world      both servers, the program between them, and what may happen to each
    rules      what happens in a history, drawn from the seed
    families   what people do with parents and children
    rows       the faults of reliability.md, section 5, by name: how each strikes and what is expected of it
    promises   the invariants of reliability.md, section 2, on H, the servers and the store
    history    one history: agitate, heal, judge

`python -m tests.campaign simulation` and `… pairs` run many; the normal suite runs a few of each.
"""
