"""References: a link to an item becomes one to its counterpart, and the original comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.decide import unlink
from reconciler.model.link import Link
from reconciler.model.policy import Rule
from reconciler.model.rich_text import Form, RichText
from reconciler.verify import verify
from tests.engine.conftest import MakeWorld
from tests.engine.world import World
from tests.support.duo import Duo
from tests.support.memory import Fault


def page(tracker: str, key: str) -> str:
    return f"https://{tracker}.example.com/{key}"


def html(text: str) -> RichText:
    return RichText(Form.HTML, text)


def markdown(text: str) -> RichText:
    return RichText(Form.MARKDOWN, text)


def text_of(value: object) -> str:
    assert isinstance(value, RichText)
    return value.text


def left_text(world: World, key: str) -> str:
    return text_of(world.left.item(key).fields["description"])


def right_text(world: World, key: str) -> str:
    return text_of(world.right.item(key).fields["description"]).strip()


def test_items_that_name_each_other_lead_to_each_other_on_the_other_side_from_the_start(world: World) -> None:
    one = world.left.ui_create("One")
    two = world.left.ui_create("Two", description=html(f'<p>after <a href="{page("ado", one)}">One</a></p>'))
    world.left.ui_edit(one, description=html(f"<p>before ado:{two} </p>"))
    world.settle()
    there = {key: world.partner(key).key for key in (one, two)}
    assert right_text(world, there[two]) == f"after [One]({page('clickup', there[one])})"
    assert right_text(world, there[one]) == f"before [ado:{two}]({page('clickup', there[two])})"
    assert world.differences() == []


def test_an_edit_beside_a_reference_brings_the_original_reference_back(world: World) -> None:
    one = world.left.ui_create("One")
    body = f'<div style="x">see <a class=y href="{page("ado", one)}">it</a> soon</div>'
    two = world.left.ui_create("Two", description=html(body))
    world.settle()
    task, other = world.partner(two).key, world.partner(one).key
    world.right.ui_edit(task, description=markdown(right_text(world, task).replace("soon", "later")))
    world.settle()
    assert left_text(world, two) == body.replace("soon", "later")
    world.right.ui_edit(
        task, description=markdown(f"see [it]({page('clickup', other)}) later\n\nand [that](https://x/y)")
    )
    world.settle()
    assert left_text(world, two).startswith(body.replace("soon", "later"))
    assert page("clickup", other) not in left_text(world, two)
    assert world.differences() == []
    assert not verify(world.context, world.store).differences


def test_a_reference_written_anew_on_either_side_leads_to_the_counterpart(world: World) -> None:
    one = world.left.ui_create("One")
    two = world.left.ui_create("Two", description=html("<p>text</p>"))
    world.settle()
    task, other = world.partner(two).key, world.partner(one).key
    world.right.ui_edit(task, description=markdown(f"text\n\n[there]({page('clickup', other)})"))
    world.settle()
    assert f'<a href="{page("ado", one)}">there</a>' in left_text(world, two)
    world.left.ui_edit(two, description=html(left_text(world, two).replace("text", f"text {page('ado', one)}")))
    world.settle()
    assert right_text(world, task) == f"text {page('clickup', other)}\n\n[there]({page('clickup', other)})"
    assert world.differences() == []


def test_what_has_no_counterpart_stays_a_link_and_so_does_one_into_the_side_it_stands_on(world: World) -> None:
    one = world.left.ui_create("One")
    world.settle()
    other = world.partner(one).key
    stays = f'<a href="{page("ado", "a999")}">gone</a> <a href="{page("clickup", other)}">over there</a>'
    two = world.left.ui_create("Two", description=html(f"<p>{stays}</p>"))
    world.settle()
    task = world.partner(two).key
    assert right_text(world, task) == f"[gone]({page('ado', 'a999')}) [over there]({page('clickup', other)})"
    world.right.ui_edit(task, description=markdown(right_text(world, task) + "\n\nmore"))
    world.settle()
    assert stays in left_text(world, two)
    assert "more" in left_text(world, two)
    assert world.differences() == []


def test_a_pair_made_by_title_whose_texts_name_the_same_agrees_without_a_write(world: World) -> None:
    one, other = world.left.ui_create("One"), world.right.ui_create("One")
    world.settle()
    world.left.ui_create("Two", description=html(f'<p>see <a href="{page("ado", one)}">it</a></p>'))
    world.right.ui_create("Two", description=markdown(f"see [it]({page('clickup', other)})"))
    assert not world.settle().updates
    assert world.differences() == []


def test_a_reference_to_a_pair_that_was_released_is_not_touched_by_an_edit_beside_it(world: World) -> None:
    one = world.left.ui_create("One")
    body = f'<p>see <a href="{page("ado", one)}">it</a></p><p>x</p>'
    two = world.left.ui_create("Two", description=html(body))
    world.settle()
    task, other = world.partner(two).key, world.partner(one).key
    link = world.store.link("web", "left", one)
    assert link is not None
    unlink(world.store, world.clock, link)
    world.left.ui_edit(two, description=html(body.replace("<p>x", "<p>y")))
    world.settle()
    assert right_text(world, task) == f"see [it]({page('clickup', other)})\n\ny"


def test_the_whole_text_of_the_winner_of_a_conflict_restores_the_original_reference(make_world: MakeWorld) -> None:
    world = make_world(conflict=Rule.RIGHT)
    one = world.left.ui_create("One")
    body = f'<p>see <a href="{page("ado", one)}#top">it</a> soon</p>'
    two = world.left.ui_create("Two", description=html(body))
    world.settle()
    task = world.partner(two).key
    world.left.ui_edit(two, description=html(body.replace("soon", "now")))
    world.right.ui_edit(task, description=markdown(right_text(world, task).replace("soon", "later")))
    world.settle()
    assert f'<a href="{page("ado", one)}#top">it</a> later' in left_text(world, two)
    assert world.differences() == []


def edits_of_comments(world: World) -> int:
    return sum(method == "edit_comment" for method, _ in world.right.writes)


@pytest.mark.parametrize("when", ["before", "after"])
def test_comments_lead_to_the_counterpart_and_one_in_doubt_is_no_edit_of_the_original(world: World, when: str) -> None:
    one = world.left.ui_create("One")
    two = world.left.ui_create("Two")
    world.settle()
    task, other = world.partner(two).key, world.partner(one).key
    body = f'<p>see <a class=z href="{page("ado", one)}">it</a></p>'
    world.right.faults.append(Fault(when=when, method="add_comment"))
    comment = world.left.ui_comment(two, body)
    for _ in range(4):
        world.let_looks_come()
        world.settle()
    assert world.left.rows[two].comments[comment].text.text.replace(" </p>", "</p>") == body
    assert edits_of_comments(world) == 0
    [copy] = world.right.rows[task].comments.values()
    assert copy.text.text.strip() == f"see [it]({page('clickup', other)})"
    world.right.faults.append(Fault(when=when, method="edit_comment"))
    world.left.ui_edit_comment(two, comment, body.replace("see", "look at"))
    for _ in range(4):
        world.let_looks_come()
        world.settle()
    [copy] = world.right.rows[task].comments.values()
    assert copy.text.text.strip() == f"look at [it]({page('clickup', other)})"
    assert edits_of_comments(world) == (1 if when == "after" else 2)
    assert world.left.rows[two].comments[comment].text.text == body.replace("see", "look at")
    world.right.ui_edit_comment(task, copy.key, copy.text.text.replace("look at", "behold"))
    for _ in range(3):
        world.let_looks_come()
        world.settle()
    assert world.left.rows[two].comments[comment].text.text.replace(" </p>", "</p>") == body.replace("see", "behold")


# --- with the real trackers' own ways of saying it --------------------------------------------------------------------


@pytest.fixture
def duo(tmp_path: Path) -> Duo:
    return Duo(tmp_path)


def test_every_spelling_of_a_reference_crosses_and_comes_back(duo: Duo) -> None:
    one = duo.developer.create(duo.projects[0], "Task", "One")
    body = (
        f'<div>a <a href="https://dev.azure.com/contoso/_workitems/edit/{one.id}/" data-vss-mention="version:1.0">'
        f"#{one.id}</a></div>"
        f'<div>b <a href="https://contoso.visualstudio.com/Web/_workitems/edit/{one.id}">it</a></div>'
        f"<div>c AB#{one.id}</div><div>d https://dev.azure.com/contoso/Web/_workitems/edit/{one.id}</div>"
    )
    two = duo.developer.create(duo.projects[0], "Task", "Two", {"System.Description": body})
    duo.settle()
    task = next(task for task in duo.clickup.world.tasks.values() if task.name == "Two")
    other = next(task for task in duo.clickup.world.tasks.values() if task.name == "One")
    url = f"https://app.clickup.com/t/{other.id}"
    for line in (f"a [#{one.id}]({url})", f"b [it]({url})", f"c [AB#{one.id}]({url})", f"d [{url}]({url})"):
        assert line in task.markdown.replace("\\", ""), task.markdown
    before = two.fields["System.Description"]
    duo.planner.edit(task, markdown_content=task.markdown.replace("b [it]", "bb [it]"))
    duo.settle()
    assert two.fields["System.Description"] == before.replace("<div>b ", "<div>bb ")
    [verdict] = [verify(context, duo.store) for context in duo.contexts]
    assert not verdict.differences


def test_a_number_in_markdown_is_a_reference_and_stays_one(duo: Duo) -> None:
    one = duo.developer.create(duo.projects[0], "Task", "One")
    body = f"see #{one.id}, not `#{one.id}` nor #{one.id}0"
    names = ["System.Description"]
    two = duo.developer.create(duo.projects[0], "Task", "Two", {names[0]: body}, markdown=names)
    duo.settle()
    task = next(task for task in duo.clickup.world.tasks.values() if task.name == "Two")
    other = next(task for task in duo.clickup.world.tasks.values() if task.name == "One")
    said = f"see [#{one.id}](https://app.clickup.com/t/{other.id}), not `#{one.id}` nor #{one.id}0"
    assert said in task.markdown.replace("\\", "")
    duo.planner.edit(task, markdown_content=task.markdown.replace("see ", "look at "))
    duo.settle()
    assert two.fields["System.Description"] == body.replace("see ", "look at ")


def test_a_link_by_custom_id_is_one_to_the_task(duo: Duo) -> None:
    one = duo.planner.create_task(duo.lists[0], "One")
    one.custom_id = "ENG-12"
    duo.settle()
    page_of_task = f"https://app.clickup.com/t/{duo.workspace.id}/ENG-12"
    two = duo.planner.create_task(duo.lists[0], "Two", markdown_content=f"see [it]({page_of_task})")
    duo.settle()
    [item] = [i for i in duo.azure.world.items.values() if i.title == "Two"]
    [first] = [i for i in duo.azure.world.items.values() if i.title == "One"]
    text = item.fields["System.Description"]
    assert f'href="https://dev.azure.com/contoso/Web/_workitems/edit/{first.id}"' in text
    duo.developer.edit(item, {"System.Description": text.replace("see", "look at")})
    duo.settle()
    assert f"look at [it]({page_of_task})" in two.markdown


def test_custom_ids_are_looked_up_in_every_pair_only_once(duo: Duo, monkeypatch: pytest.MonkeyPatch) -> None:
    one = duo.planner.create_task(duo.lists[0], "One")
    one.custom_id = "ENG-12"
    pages = [f"https://app.clickup.com/t/{duo.workspace.id}/ENG-{number}" for number in (12, 13)]
    body = f"see [it]({pages[0]}) and [this]({pages[1]})"
    duo.settle()
    two = duo.planner.create_task(duo.lists[0], "Two", markdown_content=body)
    duo.settle()
    read: list[int] = []
    all_links = duo.store.all_links

    def counted(mapping: str, after: int = 0) -> Iterator[Link]:
        for link in all_links(mapping, after):
            read.append(link.id)
            yield link

    monkeypatch.setattr(duo.store, "all_links", counted)
    duo.planner.edit(two, markdown_content=body.replace("see", "look at"))
    duo.settle()
    assert read == [2]  # that of the text itself, which was not there yet
    three = duo.planner.create_task(duo.lists[0], "Three")
    three.custom_id = "ENG-13"
    duo.settle()
    duo.planner.create_task(duo.lists[0], "Four", markdown_content=body)
    duo.settle()
    assert read == [2, 3]
    items = {item.title: item for item in duo.azure.world.items.values()}
    for title in ("One", "Three"):
        address = f"https://dev.azure.com/contoso/Web/_workitems/edit/{items[title].id}"
        assert f'href="{address}"' in items["Four"].fields["System.Description"]
