"""Probing: `check --probe`, and what earlier ones taught."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.cli.invocation import Settings, reading, say
from reconciler.config import Config
from reconciler.errors import ConfigError, StoreError
from reconciler.model.finding import Finding
from reconciler.probing import findings, probe, remember, remembered
from reconciler.store import Store


def scratch_places(given: Iterable[str]) -> dict[str, str]:
    """`TRACKER=PLACE` by tracker."""
    parts = [text.partition("=") for text in given]
    wrong = ["=".join(part[::2]) for part in parts if not (part[0] and part[2])]
    if wrong:
        raise ConfigError([f'--probe {text}: say which tracker and where, as "ado=Sandbox"' for text in wrong])
    return {name.strip(): place.strip() for name, _, place in parts}


def carry_out(config: Config, places: Mapping[str, str]) -> None:
    """Tries everything out and remembers it; says what could not be cleaned up."""
    with Store.open(config.store.url, clock=Settings.clock) as store:
        for name, taught, left in probe(config, places, Settings.clock):
            remember(store, name, taught, Settings.clock.now())
            for sentence in left:
                say(f"{name}: {sentence}; delete it by hand")


def learned(config: Config) -> list[Finding]:
    """What is remembered of every tracker; nothing where there is no store that can be read."""
    try:
        with reading(config) as store:
            return [finding for name in config.trackers for finding in findings(name, *remembered(store, name))]
    except StoreError:
        return []
