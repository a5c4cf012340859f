# What a change must pass.
default: test lint

# All tests; arguments go to pytest.
test *args:
    python3 .ci/env.py test {{args}}

# Lint, formatting, types, import rules.
lint:
    python3 .ci/env.py lint

# Long rings of tests, resumable: `just campaign worlds --seeds 5000`; tests/campaign says which there are.
campaign *args:
    python3 .ci/env.py campaign {{args}}

# The demonstration.
demo *args:
    python3 .ci/env.py demo {{args}}

# Locks dependencies anew from pyproject.toml; `just lock --upgrade` takes newer versions.
lock *args:
    .ci/lock {{args}}

# Records cassettes/ anew, against the live services where credentials are set.
record:
    python3 .ci/env.py test tests/cassettes/test_trackers.py --record
