"""Backlog: what the demo's project contains before anybody synchronises anything. Invented, like everybody in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

PEOPLE: dict[str, tuple[str, str]] = {
    "mara": ("Mara Lindqvist", "mara.lindqvist@example.com"),
    "piet": ("Piet Okafor", "piet.okafor@example.com"),
    "noor": ("Noor Tanaka", "noor.tanaka@example.com"),
    "sync": ("Reconciler Sync", "sync@example.com"),
}

_DESCRIPTION, _REPRO, _PRIORITY = (
    "System.Description",
    "Microsoft.VSTS.TCM.ReproSteps",
    "Microsoft.VSTS.Common.Priority",
)
POINTS, SEVERITY = "Microsoft.VSTS.Scheduling.StoryPoints", "Microsoft.VSTS.Common.Severity"
SEVERITIES = {"1 - Critical": "critical", "2 - High": "high", "3 - Medium": "medium", "4 - Low": "low"}
"""What the levels of a bug are called in ClickUp, where the planners made a field for them."""

_TAGS, _ASSIGNED, _STATE = "System.Tags", "System.AssignedTo", "System.State"


@dataclass(frozen=True)
class WorkItemDraft:
    type: str
    title: str
    fields: dict[str, Any]
    parent: str = ""
    comments: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaskDraft:
    title: str
    keys: dict[str, Any]
    assignees: tuple[str, ...] = ()
    comments: tuple[str, ...] = field(default=())


EPICS: dict[str, tuple[str, ...]] = {
    "Checkout that people finish": (
        "Pay with a saved card",
        "Guest checkout without an account",
        "Show delivery costs before the last step",
        "Apple Pay and Google Pay",
    ),
    "Search that finds things": (
        "Search suggestions while typing",
        "Filter results by size and colour",
        "Tolerate typing mistakes",
        "Remember recent searches",
    ),
    "Accounts people trust": (
        "Sign in with a passkey",
        "Download my data",
        "Change e-mail address safely",
        "Show where I am signed in",
    ),
    "Fast on a slow phone": (
        "Load product pictures lazily",
        "Cache the catalogue offline",
        "Split the JavaScript bundle",
        "Measure real page speed",
    ),
}

BUGS: tuple[str, ...] = (
    "Basket is empty after signing in",
    "Price shows NaN for gift cards",
    "Search box loses focus on iOS",
    "Password reset mail arrives twice",
    "Delivery date is one day off in Lisbon",
    "Filter panel overlaps the footer",
    "Voucher can be used two times",
    "Umlauts in names are broken on invoices",
    "Back button leaves checkout",
    "Images flicker on the product page",
    "Session ends after five minutes",
    "Wrong VAT for Northern Ireland",
    "Order confirmation lacks the address",
    "Keyboard cannot reach the menu",
)

CHORES: tuple[str, ...] = (
    "Upgrade the payment SDK",
    "Write contract tests for the order API",
    "Move images to the new bucket",
    "Rotate the signing keys",
    "Delete the old search index",
    "Document the release steps",
    "Alert on failed payments",
    "Load test the checkout",
    "Clean up feature flags",
    "Review access to production",
    "Add tracing to the basket service",
    "Replace the date picker",
    "Archive logs older than a year",
    "Update the style guide",
)

PLANNED: tuple[str, ...] = (
    "Prepare the spring campaign",
    "Interview five customers about returns",
    "Decide on the loyalty programme",
    "Collect feedback on the new menu",
    "Plan the holiday code freeze",
    "Write release notes for version 4",
    "Compare delivery partners",
    "Agree on support hours",
    "Draft the privacy notice",
    "Price test for express delivery",
    "Plan the accessibility audit",
)

SHARED_TITLES: tuple[str, ...] = ("Pay with a saved card", "Basket is empty after signing in", "Load test the checkout")
"""Work that somebody entered in both trackers before they were joined: it is paired, not copied."""

_HTML = (
    "<div>As a customer I want this to <b>just work</b>.</div>"
    "<div><ul><li>on a phone<br></li><li>with a slow connection</li></ul></div>"
    '<div>See <a href="https://shop.example.com/guide">the guide</a> for details &amp; limits.</div>'
)
_STEPS = (
    "<div>1. Open the shop</div><div>2. Do <i>exactly</i> this:</div>"
    '<pre><code>basket.add("sku-1", 2)\nif basket.total &lt; 10:\n    fail()</code></pre><div>3. Look</div>'
)
_MARKDOWN = "Goal: **decide** by Friday.\n\n*   options\n*   costs\n\nMore at https://wiki.example.com/plan"


def work_items() -> Iterator[WorkItemDraft]:
    """Epics before their stories, then bugs and tasks: 48 work items of four types."""
    assignees = [PEOPLE["mara"][1], PEOPLE["noor"][1], ""]
    states = ("New", "Active", "Closed", "New", "Resolved")
    number = 0
    for epic, stories in EPICS.items():
        yield WorkItemDraft(
            "Epic", epic, {_DESCRIPTION: f"<div>{epic}, by the end of the year.</div>", _TAGS: "roadmap"}
        )
        for story in stories:
            number += 1
            state = states[number % len(states)]
            fields = {_DESCRIPTION: _HTML, _PRIORITY: number % 4 + 1, _STATE: state, _TAGS: "shop; customer"}
            fields |= {POINTS: (1, 2, 3, 5, 8)[number % 5]}
            fields |= {_ASSIGNED: assignees[number % 3]} if assignees[number % 3] else {}
            talk: tuple[str, ...] = ("<div>Design is <b>ready</b>, see the board.</div>",) if number % 4 == 1 else ()
            yield WorkItemDraft("User Story", story, fields, epic, talk)
    for number, title in enumerate(BUGS):
        fields = {_REPRO: _STEPS, _PRIORITY: number % 3 + 1, _TAGS: "bug", SEVERITY: list(SEVERITIES)[number % 4]}
        fields |= {_ASSIGNED: assignees[number % 3]} if assignees[number % 3] else {}
        talk = (
            ("<div>Happens on staging, too.</div>", "<div>Not on my machine &#128556;</div>") if number % 5 == 0 else ()
        )
        yield WorkItemDraft("Bug", title, fields, "", talk)
    for number, title in enumerate(CHORES):
        fields = {_PRIORITY: 3, "Microsoft.VSTS.Scheduling.FinishDate": f"2026-04-{number + 1:02d}T00:00:00Z"}
        yield WorkItemDraft("Task", title, fields)


def tasks() -> Iterator[TaskDraft]:
    """Tasks that the planners made: some new, some that exist as work items under the same title."""
    for number, title in enumerate((*PLANNED, *SHARED_TITLES)):
        keys: dict[str, Any] = {"tags": ["planning"], "status": "in progress" if number % 3 == 0 else "to do"}
        if title not in SHARED_TITLES:
            keys |= {"markdown_content": _MARKDOWN, "priority": number % 4 + 1}
        talk = ("Who can help with this?",) if number % 4 == 0 else ()
        yield TaskDraft(title, keys, ("piet", "noor") if number % 2 else ("piet",), talk)
