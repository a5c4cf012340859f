"""Script: what three people do on both sides while the engine runs, scene by scene; one cycle follows each scene.

Every scene returns sentences for the audience. Titles name the items, as people do.
"""

from __future__ import annotations

from collections.abc import Callable

from reconciler.demo.backlog import POINTS, SEVERITY
from reconciler.demo.stage import PROJECT, Stage
from reconciler.simulators.clickup.segments import mention

Scene = Callable[[Stage], list[str]]


def morning(stage: Stage) -> list[str]:
    stage.mara.edit(stage.work_item("Sign in with a passkey"), {"System.State": "Active"})
    stage.piet.edit(stage.task("Tolerate typing mistakes"), priority=1)
    stage.piet.comment(stage.task("Tolerate typing mistakes"), "Three customers asked for this **last week**.")
    return [
        'Mara starts "Sign in with a passkey" in Azure DevOps',
        'Piet makes "Tolerate typing mistakes" urgent in ClickUp and says why',
    ]


def both_touch_one_item(stage: Stage) -> list[str]:
    item, task = stage.work_item("Search suggestions while typing"), stage.task("Search suggestions while typing")
    stage.mara.edit(item, {"System.Title": "Search suggestions while you type"})
    stage.piet.edit(task, status="blocked", due_date=1_775_217_600_000, due_date_time=False)
    stage.noor_at_clickup.add_tag(task, "needs-design")
    return ["Mara renames a story while Piet blocks it and sets a date, and Noor tags it: different fields, all travel"]


def same_field_twice(stage: Stage) -> list[str]:
    item, task = stage.work_item("Download my data"), stage.task("Download my data")
    stage.mara.edit(item, {"System.Title": "Download my data as JSON"})
    stage.clock.advance(20)
    stage.piet.edit(task, name="Download all my data")
    return ["Mara and Piet rename the same story differently: a conflict, the newest wins, the other title is kept"]


def texts_collide(stage: Stage) -> list[str]:
    item, task = stage.work_item("Wrong VAT for Northern Ireland"), stage.task("Wrong VAT for Northern Ireland")
    stage.mara.edit(item, {"Microsoft.VSTS.TCM.ReproSteps": "<div>Order to <b>BT1</b>: 20 % instead of 0 %.</div>"})
    stage.piet.edit(task, markdown_content="Legal says: *wait for the new rules*.")
    return ["Mara and Piet rewrite the same description; this mapping holds such conflicts for a person"]


def tags_and_people(stage: Stage) -> list[str]:
    item, task = stage.work_item("Guest checkout without an account"), stage.task("Guest checkout without an account")
    stage.mara.tag(item, "api")
    stage.noor_at_clickup.remove_tag(task, "customer")
    stage.noor_at_clickup.assign(stage.task("Alert on failed payments"), stage.members["noor"], stage.members["piet"])
    stage.mara.edit(
        stage.work_item("Change e-mail address safely"), {"System.AssignedTo": "mara.lindqvist@example.com"}
    )
    return ["Tags are added on one side and removed on the other; people are assigned on both"]


def talk(stage: Stage) -> list[str]:
    bug = stage.work_item("Basket is empty after signing in")
    comment = stage.mara.comment(bug, "<div>Found it: the cookie is <i>SameSite=Strict</i>.</div>")
    stage.mara.edit_comment(
        bug, comment, "<div>Found it: the cookie is <i>SameSite=Strict</i>. Fix is in review.</div>"
    )
    task = stage.task("Price shows NaN for gift cards")
    stage.piet.comment(task, "Please before Friday")
    stage.mara.attach(bug, "cookies – Größe.har", b'{"log": {"entries": []}}')
    stage.piet.attach(task, "gift card.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 64)
    return ["Mara explains a bug (and corrects herself), Piet asks for a date; both attach a file"]


def new_work(stage: Stage) -> list[str]:
    stage.piet.create_task(
        stage.task_list,
        "Landing page for the spring sale",
        markdown_content="## Idea\n\n*   big picture\n*   countdown\n\nDone when it is *live*.",
        priority=2,
        status="in progress",
        tags=["campaign"],
        assignees=[stage.members["piet"].id],
    )
    stage.mara.create(
        PROJECT, "Bug", "Countdown is off by one hour", {"Microsoft.VSTS.TCM.ReproSteps": "<p>Clocks changed.</p>"}
    )
    return ["Piet adds a task, Mara files a bug"]


def families(stage: Stage) -> list[str]:
    story = stage.work_item("Filter results by size and colour")
    stage.mara.set_parent(stage.work_item("Countdown is off by one hour"), story)
    stage.piet.create_task(
        stage.task_list, "Pictures for the sale", parent=stage.task("Landing page for the spring sale").id
    )
    return ["Mara puts the bug below a story, which moves no revision; Piet adds a subtask"]


def own_fields(stage: Stage) -> list[str]:
    stage.piet.set_field(stage.task("Voucher can be used two times"), stage.severity, stage.option("critical"))
    stage.mara.edit(stage.work_item("Back button leaves checkout"), {SEVERITY: "2 - High"})
    stage.mara.edit(stage.work_item("Tolerate typing mistakes"), {POINTS: 13})
    return ["Piet calls a bug critical and Mara another one high, by the words of each side; a story gets 13 points"]


def texts_that_point_elsewhere(stage: Stage) -> list[str]:
    story, other = stage.work_item("Remember recent searches"), stage.work_item("Tolerate typing mistakes")
    picture = stage.mara.paste("sketch.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), PROJECT)
    picture = picture.replace(f"https://dev.azure.com/{stage.azure.world.organization}", stage.organization_url)
    page = f"{stage.organization_url}/_workitems/edit/{other.id}"
    stage.mara.edit(
        story,
        {
            "System.Description": f'<div>After <a href="{page}" data-vss-mention="version:1.0">#{other.id}</a>:</div>'
            f'<div><img src="{picture}"></div>'
        },
    )
    stage.piet.comment(
        stage.task("Remember recent searches"), [mention(stage.members["mara"]), {"text": " why after?"}]
    )
    return ["Mara's text shows a picture and names another story; Piet's question calls her"]


def twenty_edits(stage: Stage) -> list[str]:
    item = stage.work_item("Filter results by size and colour")
    for number in range(1, 21):
        stage.mara.edit(item, {"System.Title": f"Filter results by size and colour, draft {number}"})
        stage.clock.advance(1)
    return ["Mara renames one story twenty times between two polls: one write"]


def finish_and_clean_up(stage: Stage) -> list[str]:
    stage.mara.edit(stage.work_item("Session ends after five minutes"), {"System.State": "Resolved"})
    stage.piet.set_status(stage.task("Compare delivery partners"), "complete")
    task = stage.task("Prepare the spring campaign")
    stage.noor_at_clickup.edit_comment(task.comments[0], "Noor and Mara will help with this.")
    return ["Mara resolves a bug, Piet completes a task, Noor rewrites an old comment (no feed shows that)"]


SCENES: tuple[Scene, ...] = (
    morning,
    both_touch_one_item,
    same_field_twice,
    texts_collide,
    tags_and_people,
    talk,
    new_work,
    families,
    own_fields,
    texts_that_point_elsewhere,
    twenty_edits,
    finish_and_clean_up,
)
