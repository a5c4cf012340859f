"""Metrics: how the mappings stand and what was done, for Prometheus, in a registry that holds nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from reconciler import __version__
from reconciler.model.status import MappingStatus
from reconciler.status import status
from reconciler.web.instance import Instance

_BY_MAPPING = (
    ("reconciler_pairs", "Pairs of items that are kept equal", "linked"),
    ("reconciler_open_pairs", "Pairs of which anything waits, is held, in quarantine or in doubt", "open_pairs"),
    ("reconciler_pending_items", "Items that are to be looked at again and need nobody", "pending"),
    ("reconciler_quarantined_items", "Items that wait for a person", "quarantined"),
    ("reconciler_conflicts", "Conflicts that are held or still to be carried", "conflicts"),
    ("reconciler_writes_in_doubt", "Writes whose outcome is not known yet", "in_doubt"),
)


def exposition(instance: Instance) -> bytes:
    """All metrics in the text format of Prometheus. Raises StoreError."""
    registry = CollectorRegistry()
    registry.register(_Collected([*_standing(instance), *_done(instance)]))
    return generate_latest(registry)


class _Collected(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _standing(instance: Instance) -> Iterator[Metric]:
    now = instance.clock.now()
    with instance.reading() as store:
        entries = status(instance.config, store)
        circuits = {name: store.circuit(name) for name in instance.config.trackers}
    for name, text, attribute in _BY_MAPPING:
        gauge = GaugeMetricFamily(name, text, labels=["mapping"])
        for entry in entries:
            gauge.add_metric([entry.name], getattr(entry, attribute))
        yield gauge
    yield _parity(entries)
    lag = GaugeMetricFamily(
        "reconciler_lag_seconds", "Age of the instant up to which a side was read", labels=["mapping", "side"]
    )
    for entry in entries:
        for side, polled_at in (("left", entry.polled_left), ("right", entry.polled_right)):
            if polled_at is not None:
                lag.add_metric([entry.name, side], max(0.0, (now - polled_at).total_seconds()))
    yield lag
    answering = GaugeMetricFamily(
        "reconciler_tracker_answering", "0 while a tracker is left alone since it keeps failing", labels=["tracker"]
    )
    for tracker, circuit in circuits.items():
        answering.add_metric([tracker], circuit == "closed")
    yield answering


def _parity(entries: Iterable[MappingStatus]) -> Metric:
    parity = GaugeMetricFamily("reconciler_parity", "Share of pairs of which nothing is open", labels=["mapping"])
    for entry in entries:
        if entry.parity is not None:
            parity.add_metric([entry.name], entry.parity)
    return parity


def _done(instance: Instance) -> Iterator[Metric]:
    activity = instance.activity
    healthy = instance.health.as_json()["status"] == "ok"
    yield GaugeMetricFamily("reconciler_healthy", "1 while every mapping finishes its cycles", value=healthy)
    cycles = CounterMetricFamily("reconciler_cycles", "Cycles since the start", labels=["mapping", "outcome"])
    for name in instance.config.names:
        for outcome in ("finished", "failed"):
            cycles.add_metric([name, outcome], activity.cycles[name, outcome])
    yield cycles
    requests = CounterMetricFamily("reconciler_requests", "Requests sent since the start", labels=["tracker"])
    for tracker in instance.config.trackers:
        requests.add_metric([tracker], activity.requests[tracker])
    yield requests
    writes = CounterMetricFamily(
        "reconciler_writes",
        "Writes to a tracker since the start, by what they were",
        labels=["mapping", "tracker", "kind"],
    )
    for (mapping, tracker, kind), count in sorted(activity.writes.items()):
        writes.add_metric([mapping, tracker, kind], count)
    yield writes
    yield InfoMetricFamily("reconciler", "The version that runs", value={"version": __version__})
