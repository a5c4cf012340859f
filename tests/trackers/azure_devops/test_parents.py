"""Parents: links that move no revision, removed by where they stand, told by a feed of their own."""

from __future__ import annotations

import pytest

from reconciler.errors import Rejected, StaleRevision
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.trackers.base import Relinked
from tests.trackers.azure_devops.conftest import Bench


def works(bench: Bench, *titles: str) -> list[WorkItem]:
    return [bench.ann.create(bench.web, "Task", title) for title in titles]


def test_the_link_that_is_removed_is_the_one_to_the_parent_wherever_it_stands(bench: Bench) -> None:
    one, two, item, friend = works(bench, "One", "Two", "Item", "Friend")
    bench.ann.link(item, "System.LinkTypes.Related", friend)
    bench.ann.set_parent(item, one)
    bench.ann.add_hyperlink(item, "https://example.com/somewhere")
    for parent in (two, None):
        bench.update(bench.read(item.id), parent=str(parent.id) if parent else None)
        assert item.parent is parent
        assert sorted(
            link.rel for link in item.visible_relations if link.rel != "System.LinkTypes.Hierarchy-Reverse"
        ) == [
            "Hyperlink",
            "System.LinkTypes.Related",
        ]


def test_who_got_another_parent_meanwhile_keeps_it_and_nothing_of_the_write_happens(bench: Bench) -> None:
    one, two, item = works(bench, "One", "Two", "Item")
    base = bench.read(item.id)
    bench.ann.set_parent(item, one)
    with pytest.raises(StaleRevision):
        bench.update(base, parent=str(two.id), title="Ours")
    assert (item.parent, item.title) == (one, "Item")


def test_a_parent_that_is_there_already_is_no_second_link(bench: Bench) -> None:
    one, item = works(bench, "One", "Item")
    base = bench.read(item.id)
    bench.ann.set_parent(item, one)
    [written] = bench.update(base, parent=str(one.id), title="Ours")
    assert written.fields == {"parent", "title"}
    assert (item.parent, item.title) == (one, "Ours")


def test_a_refused_place_names_the_parent(bench: Bench) -> None:
    top, below = works(bench, "Top", "Below")
    bench.ann.set_parent(below, top)
    with pytest.raises(Rejected) as refused:
        bench.update(bench.read(top.id), parent=str(below.id))
    assert (refused.value.field, refused.value.code) == ("parent", "TF201035")


def test_a_parent_in_the_recycle_bin_is_not_shown_and_comes_back(bench: Bench) -> None:
    top, below = works(bench, "Top", "Below")
    bench.ann.set_parent(below, top)
    before = bench.read(below.id)
    bench.ann.delete(top)
    assert bench.read(below.id).fields["parent"] is None
    bench.ann.restore(top)
    assert bench.read(below.id) == before


def test_links_of_several_projects_are_asked_for_at_once_page_by_page(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciler.simulators.azure_devops.endpoints.feeds._FEED_PAGE_MAX", 2)
    other = bench.service.add_project("Other")
    bench.tick()
    since = bench.clock.now()
    pairs = []
    for project in (bench.web, other, bench.web):
        parent, child = (bench.ann.create(project, "Task", name) for name in ("Parent", "Child"))
        bench.ann.set_parent(child, parent)
        pairs.append((str(child.id), str(parent.id)))
    scopes = [bench.scope, bench.within(project="Other")]
    mark = bench.log.mark()
    told = list(bench.tracker.relinked_since(scopes, since, ["parent"]))
    assert told == [Relinked(child, "parent", parent, True) for child, parent in pairs]
    assert len(bench.log.since(mark)) == 2
    mine = list(bench.tracker.relinked_since([bench.scope], since, ["parent"]))
    assert [row.key for row in mine] == [pairs[0][0], pairs[2][0]]
