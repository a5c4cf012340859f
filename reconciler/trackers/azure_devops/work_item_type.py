"""WorkItemType: what one type of one project looks like - its states, its workflow, and where its fields live. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reconciler.model.custom_field import CustomField
from reconciler.model.schema import Category, State, TypeSchema

TITLE, TYPE, STATE = "System.Title", "System.WorkItemType", "System.State"
PROJECT, AREA = "System.TeamProject", "System.AreaPath"
PARENT = "System.Parent"
"""Read-only; what moves it is the link (FACTS ado 4.16, 7.26)."""

LINK_TYPES = {
    "parent": "System.LinkTypes.Hierarchy-Reverse",
    "predecessors": "System.LinkTypes.Dependency-Reverse",
    "related": "System.LinkTypes.Related",
}
"""The relations of an item that name others, by neutral field (FACTS ado 9.4, 9.5). Every type may have them."""
DESCRIPTION, REPRO_STEPS = "System.Description", "Microsoft.VSTS.TCM.ReproSteps"

PRIORITIES = ("1", "2", "3", "4")
"""1 is the most urgent (FACTS ado 12.11)."""

_CATEGORIES = {
    "Proposed": Category.PROPOSED,
    "InProgress": Category.ACTIVE,
    "Resolved": Category.ACTIVE,
    "Completed": Category.DONE,
    "Removed": Category.REMOVED,
}  # FACTS ado 12.2

_SIMPLE_FIELDS = {
    "assignees": "System.AssignedTo",
    "priority": "Microsoft.VSTS.Common.Priority",
    "tags": "System.Tags",
    "start_date": "Microsoft.VSTS.Scheduling.StartDate",
    "estimate": "Microsoft.VSTS.Scheduling.OriginalEstimate",  # hours
}
_DUE_DATES = (
    "Microsoft.VSTS.Scheduling.DueDate",
    "Microsoft.VSTS.Scheduling.TargetDate",
    "Microsoft.VSTS.Scheduling.FinishDate",
)
"""Which of these is the due date depends on the type; the first that it has (FACTS ado 12.11)."""

_POINTS = (
    "Microsoft.VSTS.Scheduling.StoryPoints",
    "Microsoft.VSTS.Scheduling.Effort",
    "Microsoft.VSTS.Scheduling.Size",
)
"""What the process calls them (FACTS ado 12.11)."""

_NEUTRAL = {
    **{reference: name for name, reference in _SIMPLE_FIELDS.items()},
    **dict.fromkeys(_DUE_DATES, "due_date"),
    **dict.fromkeys(_POINTS, "points"),
    TITLE: "title",
    TYPE: "type",
    STATE: "state",
    PARENT: "parent",
    DESCRIPTION: "description",
    REPRO_STEPS: "description",
}


def neutral_name(reference: str) -> str:
    """The neutral name of a field by its reference name; "" for a field that we do not carry."""
    return _NEUTRAL.get(reference, "")


@dataclass(frozen=True, slots=True)
class WorkItemType:
    """`fields` maps neutral names to reference names, only those the type has, and `references` are all that it has.
    `transitions` maps a state to those
    it may go to; the key "" holds those an item may be created in."""

    name: str
    states: tuple[State, ...]
    transitions: Mapping[str, tuple[str, ...]]
    fields: Mapping[str, str]
    references: frozenset[str] = frozenset()
    id: str = ""

    def carrying(self, custom: Mapping[str, CustomField]) -> WorkItemType:
        """The type with those of a mapping's own fields that it has."""
        own = {name: field.id for name, field in custom.items() if field.id in self.references}
        return replace(self, fields={**self.fields, **own}) if own else self

    @property
    def schema(self) -> TypeSchema:
        return TypeSchema(self.name, self.states, frozenset(self.fields), self.id)

    @property
    def initial_states(self) -> tuple[str, ...]:
        return self.transitions.get("", ())

    def path(self, start: str, goal: str) -> tuple[str, ...] | None:
        """The states to go through from `start` to `goal`, `goal` last, in as few steps as the workflow allows;
        empty where nothing needs to be done, None where there is no way. A type that tells no transitions allows
        all of them."""
        if start == goal:
            return ()
        if not self.transitions:
            return (goal,)
        found: dict[str, tuple[str, ...]] = {start: ()}
        queue = deque([start])
        while queue:
            here = queue.popleft()
            for there in self.transitions.get(here, ()):
                if there not in found:
                    found[there] = (*found[here], there)
                    queue.append(there)
        return found.get(goal)


def work_item_type(native: Mapping[str, Any], states: Sequence[Mapping[str, Any]]) -> WorkItemType:
    """A type as `workitemtypes` lists it, and its states as there or from `/states` (FACTS ado 12.1-12.4)."""
    references = {str(field["referenceName"]) for field in native.get("fields") or native.get("fieldInstances") or ()}
    return WorkItemType(
        name=str(native["name"]),
        states=tuple(_state(state) for state in states),
        transitions={
            str(source): tuple(str(target["to"]) for target in targets if target["to"] != source)
            for source, targets in (native.get("transitions") or {}).items()
        },
        fields=_fields(references, str(native.get("xmlForm") or "")),
        references=frozenset(references),
        id=str(native.get("referenceName") or ""),
    )


def bare_type(name: str, references: set[str]) -> WorkItemType:
    """Stands in for a type that the project no longer lists: it has what the item shows, in no known workflow."""
    return WorkItemType(name, (), {}, _fields(references, ""), frozenset(references))


def _state(native: Mapping[str, Any]) -> State:
    return State(str(native["name"]), _CATEGORIES.get(str(native.get("category")), Category.ACTIVE))


def _fields(references: set[str], form: str) -> dict[str, str]:
    fields = {"title": TITLE, "type": TYPE, "state": STATE, **LINK_TYPES, "parent": PARENT}
    fields.update((name, reference) for name, reference in _SIMPLE_FIELDS.items() if reference in references)
    for name, candidates in (("due_date", _DUE_DATES), ("points", _POINTS)):
        found = next((reference for reference in candidates if reference in references), None)
        if found:
            fields[name] = found
    # A bug's form shows ReproSteps and hides Description, though the type has both (FACTS ado 12.11).
    if REPRO_STEPS in references and f'FieldName="{DESCRIPTION}"' not in form:
        fields["description"] = REPRO_STEPS
    elif DESCRIPTION in references:
        fields["description"] = DESCRIPTION
    return fields
