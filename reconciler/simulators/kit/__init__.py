"""What all simulated trackers share: requests and answers as values, routing, faults, a log that counts, serving."""
