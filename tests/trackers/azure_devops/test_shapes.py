"""Answers that are JSON, but not what was asked for: something stood in between. Never an empty result."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from reconciler.errors import OutcomeUnknown, Unavailable
from reconciler.model.comment import CommentDraft
from reconciler.model.rich_text import Form, RichText
from reconciler.simulators.kit.wire import Request, Response, Service
from tests.trackers.azure_devops.conftest import Bench, origin


@dataclass
class Intruder:
    """Answers requests whose address contains `fragment` itself, all others as the service does."""

    inner: Service
    fragment: str
    body: object
    reached: int = 0

    def handle(self, request: Request) -> Response:
        answer = self.inner.handle(request)
        if self.fragment not in request.path.lower():
            return answer
        self.reached += 1
        return Response(200, {"content-type": "application/json"}, json.dumps(self.body).encode())


BODIES: list[object] = [{}, {"status": "maintenance"}, [], "fine", {"workItems": None, "value": None}]


@pytest.mark.parametrize("body", BODIES, ids=repr)
@pytest.mark.parametrize("fragment", ["/wiql", "/workitemsbatch"])
def test_a_feed_of_strange_answers_says_nothing_about_changes(bench: Bench, fragment: str, body: object) -> None:
    bench.ann.create(bench.web, "Task", "There")
    tracker = bench.another_tracker(Intruder(bench.service, fragment, body))
    with pytest.raises(Unavailable):
        list(tracker.changed_since([bench.scope], None, {}))


@pytest.mark.parametrize("body", BODIES, ids=repr)
def test_a_strange_answer_about_comments_is_not_silence(bench: Bench, body: object) -> None:
    item = bench.read(bench.ann.create(bench.web, "Task", "There").id)
    tracker = bench.another_tracker(Intruder(bench.service, "/comments", body))
    with pytest.raises(Unavailable):
        tracker.comments(bench.scope, item)


@pytest.mark.parametrize("body", BODIES, ids=repr)
def test_a_strange_answer_to_a_write_leaves_its_outcome_unknown(bench: Bench, body: object) -> None:
    item = bench.read(bench.ann.create(bench.web, "Task", "There").id)
    intruder = Intruder(bench.service, f"/workitems/{item.key}", body)
    tracker = bench.another_tracker(intruder)
    with pytest.raises(OutcomeUnknown):
        list(tracker.update(bench.scope, item, {"title": "New"}))
    with pytest.raises(OutcomeUnknown):
        tracker.add_comment(bench.scope, item, CommentDraft("Piet", RichText(Form.MARKDOWN, "x"), origin()))
    assert intruder.reached == 2
    assert bench.read(item.key).title == "New"
