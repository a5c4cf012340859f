"""What a type's rules say about a set of fields: states, reasons, lists of values, required and read-only fields."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.item import Value
from reconciler.simulators.azure_devops.process import WorkItemType, fields

_COMMON = "Microsoft.VSTS.Common."
_REMAINING = "Microsoft.VSTS.Scheduling.RemainingWork"


@dataclass
class Problems:
    """The rule errors of one patch; the answer names all of them (FACTS ado 15.5)."""

    found: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, reference: str, flags: str, text: str) -> None:
        self.found.append((reference, flags, text))

    def not_listed(self, reference: str, value: object) -> None:
        """An unknown value and a forbidden transition get the same words (FACTS ado 7.12)."""
        name = fields()[reference].name
        text = f"The field '{name}' contains the value '{value}' that is not in the list of supported values"
        self.add(reference, "hasValues, limitedToValues, invalidListValue", text)

    def rule(self, reference: str, flags: str) -> None:
        codes = ", ".join(flag[0].upper() + flag[1:] for flag in flags.split(", "))
        text = f"TF401320: Rule Error for field {fields()[reference].name}. Error code: {codes}."
        self.add(reference, flags, text)

    def raise_if_any(self) -> None:
        if self.found:
            raise errors.rule_errors(self.found)


def apply_defaults(kind: WorkItemType, values: dict[str, Value]) -> None:
    for reference, rule in kind.rules.items():
        if rule.default is not None:
            values.setdefault(reference, rule.default)


def check_values(kind: WorkItemType, values: dict[str, Value], touched: Collection[str], problems: Problems) -> None:
    """Checks lists and required fields; a listed text gets the list's own spelling."""
    if "System.Title" not in values:
        problems.rule("System.Title", "required, invalidEmpty")
    for reference, rule in kind.rules.items():
        value = values.get(reference)
        if value is None:
            if rule.required:
                problems.rule(reference, "required, invalidEmpty")
        elif rule.allowed and reference in touched:
            listed = next((item for item in rule.allowed if str(item).lower() == str(value).lower()), None)
            if listed is None:
                problems.not_listed(reference, value)
            else:
                values[reference] = listed


def settle_state(
    kind: WorkItemType,
    before: str,
    values: dict[str, Value],
    touched: Mapping[str, Any],
    by: User,
    at: datetime,
    problems: Problems,
) -> None:
    """Checks the transition from `before` ("" for a new item) and lets the rules set reason, dates and people."""
    state = kind.state(str(values.get("System.State", "")))
    if state is None or (state.name != before and (before, state.name) not in kind.transitions):
        problems.not_listed("System.State", values.get("System.State", ""))
        return
    values["System.State"] = state.name
    if state.name == before:
        if "System.Reason" in touched:
            _check_reason(kind, before, values, problems)
        return
    transition = kind.transitions[(before, state.name)]
    wanted = str(touched.get("System.Reason") or transition.reason)
    reasons = (transition.reason, *transition.other_reasons)
    reason = next((known for known in reasons if known.lower() == wanted.lower()), None)
    if reason is None:
        problems.not_listed("System.Reason", wanted)
        return
    values["System.Reason"] = reason
    values[_COMMON + "StateChangeDate"] = at
    if before:
        _stamp_transition(kind, state.category, values, by, at, reason)
    _remaining_work(kind, state.category, values, touched, problems)


def _check_reason(kind: WorkItemType, state: str, values: Mapping[str, Value], problems: Problems) -> None:
    reasons = [
        known.lower()
        for (_, to), transition in kind.transitions.items()
        if to == state
        for known in (transition.reason, *transition.other_reasons)
    ]
    if str(values.get("System.Reason", "")).lower() not in reasons:
        problems.not_listed("System.Reason", values.get("System.Reason", ""))


def _stamp_transition(
    kind: WorkItemType, category: str, values: dict[str, Value], by: User, at: datetime, reason: str
) -> None:
    """Activated on work, Resolved and Closed on arrival; going back clears what came later (FACTS ado 12.11)."""
    stages = {"InProgress": ["Activated"], "Resolved": ["Activated", "Resolved"], "Completed": ["Closed"]}
    reached = stages.get(category, [])
    for stage in reached:
        if kind.has(f"{_COMMON}{stage}Date") and (stage != "Activated" or f"{_COMMON}ActivatedDate" not in values):
            values[f"{_COMMON}{stage}Date"] = at
            values[f"{_COMMON}{stage}By"] = by
    if "Resolved" in reached and kind.has(_COMMON + "ResolvedReason"):
        values[_COMMON + "ResolvedReason"] = reason
    left = {
        "Proposed": ["Activated", "Resolved", "Closed"],
        "InProgress": ["Resolved", "Closed"],
        "Resolved": ["Closed"],
    }
    for stage in left.get(category, []):
        for suffix in ("Date", "By", "Reason"):
            values.pop(f"{_COMMON}{stage}{suffix}", None)


def _remaining_work(
    kind: WorkItemType, category: str, values: dict[str, Value], touched: Mapping[str, Any], problems: Problems
) -> None:
    """A finished Scrum task has no work left, and says so when somebody insists (FACTS ado 7.13)."""
    if kind.name != "Task" or category not in ("Completed", "Removed") or kind.initial_state != "To Do":
        return
    if touched.get(_REMAINING) not in (None, ""):
        problems.rule(_REMAINING, "readOnly, mustBeEmpty, invalidNotEmpty")
    values.pop(_REMAINING, None)
