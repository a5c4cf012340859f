"""Runs a parsed WIQL query over the items that a user can see (FACTS ado 3)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any

from reconciler.simulators.azure_devops import wiql_syntax as syntax
from reconciler.simulators.azure_devops.errors import ApiError
from reconciler.simulators.azure_devops.html import words
from reconciler.simulators.azure_devops.identity import User, find_user
from reconciler.simulators.azure_devops.item import Revision, WorkItem
from reconciler.simulators.azure_devops.nodes import Node, Project
from reconciler.simulators.azure_devops.process import Field, field_named
from reconciler.simulators.azure_devops.render import plain_value
from reconciler.simulators.azure_devops.values import KindError, moment, read
from reconciler.simulators.azure_devops.world import World

Test = Callable[[WorkItem, Revision], bool]
Row = tuple[WorkItem, Revision]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_HAS_TIME = re.compile(r"\d[T ]\d")
_LONG_TEXT = ("CONTAINS WORDS", "NOT CONTAINS WORDS", "IS EMPTY", "IS NOT EMPTY")


@dataclass(frozen=True)
class QueryRun:
    """One run for one caller. `project` is that of the route (for @Project), `time_precision` the query-string flag.

    `items` raises ApiError with the texts of the real service; the caller applies `$top` and the cap.
    """

    world: World
    user: User
    project: Project | None = None
    time_precision: bool = False

    def items(self, query: syntax.Query) -> list[WorkItem]:
        """Matching items in the asked order, else by id. Deleted ones only where the query asks for them (3.21)."""
        test = self._compile(query.condition) if query.condition else _always
        order = [(self.field(name), descending) for name, descending in query.order]
        for name in query.columns:
            self.field(name)
        deleted = any(self.field(leaf.field).reference == "System.IsDeleted" for leaf in _leaves(query.condition))
        rows = [
            (item, revision)
            for item, revision in self._rows(query)
            if (deleted or not revision.deleted) and test(item, revision) and self.world.sees(self.user, item)
        ]
        if not order:
            rows.sort(key=lambda row: row[0].id)
        for field, descending in reversed(order):
            rows.sort(key=_by(field.reference), reverse=descending)
        return [item for item, _ in rows]

    def field(self, name: str) -> Field:
        field = field_named(name)
        if field is None:
            raise self._error("TF51005: The query references a field that does not exist.", f"[{name}]")
        return field

    # --- candidates --------------------------------------------------------------------------------------------------

    def _rows(self, query: syntax.Query) -> Iterator[Row]:
        lag_s = self.world.switches.query_lag_s
        if query.as_of is not None:
            when = self._moment(query.as_of, f"ASOF '{query.as_of}'")
            rows = ((item, item.as_of(when)) for item in self.world.items.values())
        elif lag_s:
            seen = self.world.now() - timedelta(seconds=lag_s)
            rows = ((item, item.saved_by(seen)) for item in self.world.items.values())
        else:
            rows = ((item, item.current) for item in self._candidates(query.condition))
        return ((item, revision) for item, revision in rows if revision is not None)

    def _candidates(self, condition: syntax.Condition | None) -> Iterable[WorkItem]:
        """As few items as an indexed part of the condition allows; the condition itself is tested all the same."""
        for leaf in _required(condition):
            reference = self.field(leaf.field).reference
            if reference == "System.ChangedDate" and self.time_precision and _is_lower_bound(leaf):
                return self.world.changed_since(self._date(leaf.operands[0], leaf))
            if reference == "System.Id" and leaf.operator in ("=", "IN"):
                ids = [int(operand.value) for operand in leaf.operands if isinstance(operand, syntax.Number)]
                if len(ids) == len(leaf.operands):
                    return [self.world.items[number] for number in ids if number in self.world.items]
        return self.world.items.values()

    # --- conditions --------------------------------------------------------------------------------------------------

    def _compile(self, condition: syntax.Condition) -> Test:
        if isinstance(condition, syntax.Junction):
            parts = [self._compile(part) for part in condition.parts]
            combine = all if condition.word == "AND" else any
            negated = condition.negated
            return lambda item, revision: combine(part(item, revision) for part in parts) is not negated
        return self._comparison(condition)

    def _comparison(self, leaf: syntax.Comparison) -> Test:
        field = self.field(leaf.field)
        reference = field.reference
        if field.long_text and leaf.operator not in _LONG_TEXT:
            raise self._error("TF51006: The operator cannot be used with a long text field.", leaf.source)
        if leaf.operator.endswith("EMPTY"):
            wanted = leaf.operator == "IS EMPTY"
            return lambda item, revision: (read(item, revision, reference) is None) is wanted
        if leaf.operator.startswith("NOT "):
            positive = syntax.Comparison(leaf.field, leaf.operator.removeprefix("NOT "), leaf.operands, leaf.source)
            test = self._comparison(positive)
            return lambda item, revision: not test(item, revision)
        match leaf.operator:
            case "IN":
                tests = [self._equals(field, operand, leaf) for operand in leaf.operands]
                return lambda item, revision: any(test(item, revision) for test in tests)
            case "IN GROUP":
                return self._in_group(field, leaf)
            case "UNDER":
                return self._under(field, leaf)
            case "CONTAINS" | "CONTAINS WORDS":
                return self._contains(field, leaf)
            case "EVER":
                test = self._equals(field, leaf.operands[0], leaf)
                return lambda item, revision: any(test(item, old) for old in item.revisions[: revision.rev])
        return self._ordered(field, leaf.operator, leaf.operands[0], leaf)

    def _equals(self, field: Field, operand: syntax.Literal, leaf: syntax.Comparison) -> Test:
        return self._ordered(field, "=", operand, leaf)

    def _ordered(self, field: Field, sign: str, operand: syntax.Literal, leaf: syntax.Comparison) -> Test:
        compare = _COMPARE[sign]
        if isinstance(operand, syntax.FieldName):
            other = self.field(operand.value).reference
            return lambda item, revision: _both(
                compare, read(item, revision, field.reference), read(item, revision, other)
            )
        wanted = self._literal(field, operand, leaf)
        day = field.kind == "dateTime" and not self.time_precision
        empty_matches = sign == "<>" if wanted is not None else sign == "="

        def test(item: WorkItem, revision: Revision) -> bool:
            value = read(item, revision, field.reference)
            if value is None or wanted is None:
                return empty_matches if value is None else sign == "<>"
            if day and isinstance(value, datetime):
                return compare(value.astimezone(self._zone).date(), wanted)
            return _both(compare, value, wanted)

        return test

    def _in_group(self, field: Field, leaf: syntax.Comparison) -> Test:
        category = str(self._literal(field, leaf.operands[0], leaf)).lower()
        if field.reference != "System.WorkItemType":
            raise self._error("TF51007: IN GROUP is answered for work item types only.", leaf.source)

        def test(_: WorkItem, revision: Revision) -> bool:
            return revision.project.process.types[revision.type_name].category.lower() == category

        return test

    def _under(self, field: Field, leaf: syntax.Comparison) -> Test:
        if field.kind != "treePath":
            raise self._error("TF51006: UNDER can be used with area and iteration paths only.", leaf.source)
        root = self._node(field, leaf.operands[0])

        def test(_: WorkItem, revision: Revision) -> bool:
            node = revision.fields[field.reference]
            return isinstance(node, Node) and node.under(root)

        return test

    def _contains(self, field: Field, leaf: syntax.Comparison) -> Test:
        wanted = str(self._text(leaf.operands[0])).lower()
        if field.reference == "System.Tags":  # FACTS ado 3.19: whole tags

            def tagged(item: WorkItem, revision: Revision) -> bool:
                tags = read(item, revision, "System.Tags")
                return isinstance(tags, tuple) and any(tag.name.lower() == wanted for tag in tags)

            return tagged
        wanted_words = words(wanted)

        def test(item: WorkItem, revision: Revision) -> bool:
            value = str(plain_value(read(item, revision, field.reference)) or "")
            return wanted_words <= words(value) if leaf.operator == "CONTAINS WORDS" else wanted in value.lower()

        return test

    # --- literals ----------------------------------------------------------------------------------------------------

    def _literal(self, field: Field, operand: syntax.Literal, leaf: syntax.Comparison) -> Any:
        """The operand as something that compares with the field's values; None for an empty text."""
        match field.kind:
            case "dateTime":
                return self._date(operand, leaf)
            case "treePath":
                return self._node(field, operand)
            case "identity":
                return self._identity(operand)
            case "integer" | "double":
                return self._number(operand, leaf)
        text = self._text(operand)
        if field.kind == "boolean":
            return text.lower() == "true"
        return text.lower() or None

    def _text(self, operand: syntax.Literal) -> str:
        if isinstance(operand, syntax.Macro):
            if operand.name == "project" and self.project:
                return self.project.name
            if operand.name == "me":
                return self.user.address
            raise self._error("TF51009: The macro cannot be used here.", f"@{operand.name}")
        if isinstance(operand, syntax.Number):
            return f"{operand.value:g}"
        return operand.value

    def _number(self, operand: syntax.Literal, leaf: syntax.Comparison) -> float | None:
        text = str(operand.value) if isinstance(operand, syntax.Number) else self._text(operand)
        try:
            return float(text) if text else None
        except ValueError as error:
            raise self._error("TF51008: The value is not a number.", leaf.source) from error

    def _identity(self, operand: syntax.Literal) -> Any:
        if isinstance(operand, syntax.Macro) and operand.name == "me":
            return self.user
        text = self._text(operand)
        return (find_user(self.world.users, text) or text.lower()) if text else None

    def _node(self, field: Field, operand: syntax.Literal) -> Node:
        kind = "area" if field.reference == "System.AreaPath" else "iteration"
        path = operand.value if isinstance(operand, syntax.Text) else self.project.name if self.project else ""
        project = self.world.project(path.split("\\")[0])
        node = (project.areas if kind == "area" else project.iterations).find(path) if project else None
        if node is None:
            raise self._error(f"TF51011: The specified {kind} path does not exist.", f"'{path}'")
        return node

    @property
    def _zone(self) -> timezone:
        return timezone(timedelta(hours=self.world.switches.zone_hours))

    def _date(self, operand: syntax.Literal, leaf: syntax.Comparison) -> Any:
        """An aware time, or a local day where the precision is that of days (FACTS ado 3.6)."""
        if isinstance(operand, syntax.Macro):
            if operand.name not in ("today", "startofday"):
                raise self._error("TF51009: The macro cannot be used here.", f"@{operand.name}")
            today = self.world.now().astimezone(self._zone).date() + timedelta(days=operand.offset)
            return datetime.combine(today, time(), self._zone).astimezone(UTC) if self.time_precision else today
        text = self._text(operand)
        if not text:
            return None
        if not self.time_precision and _HAS_TIME.search(text):
            message = "You cannot supply a time with the date when running a query using date precision."
            raise self._error(message, leaf.source)
        when = self._moment(text, leaf.source)
        return when if self.time_precision else when.astimezone(self._zone).date()

    def _moment(self, text: str, source: str) -> datetime:
        try:
            when = moment(text, self.world.switches.zone_hours, "")
        except KindError as error:
            raise self._error("TF51008: The value is not a date.", source) from error
        return when.replace(microsecond=0) if self.world.switches.wiql_fractions == "ignored" else when

    def _error(self, message: str, cause: str) -> ApiError:
        text = f"{message} The error is caused by «{cause}»."
        return ApiError(400, text, self.world.switches.query_error_type_key)


def _always(_: WorkItem, __: Revision) -> bool:
    return True


def _is_lower_bound(leaf: syntax.Comparison) -> bool:
    return leaf.operator in (">", ">=") and isinstance(leaf.operands[0], syntax.Text) and bool(leaf.operands[0].value)


def _leaves(condition: syntax.Condition | None) -> Iterator[syntax.Comparison]:
    if isinstance(condition, syntax.Junction):
        for part in condition.parts:
            yield from _leaves(part)
    elif condition:
        yield condition


def _required(condition: syntax.Condition | None) -> Iterator[syntax.Comparison]:
    """Comparisons that hold for every match."""
    if isinstance(condition, syntax.Junction):
        if condition.word == "AND" and not condition.negated:
            for part in condition.parts:
                yield from _required(part)
    elif condition:
        yield condition


def _both(compare: Callable[[Any, Any], bool], one: Any, other: Any) -> bool:
    if isinstance(one, User) and isinstance(other, str):
        return compare(other in (one.name.lower(), one.address.lower(), str(one).lower()), True)
    if isinstance(one, Project):
        one = one.name
    one, other = (value.lower() if isinstance(value, str) else value for value in (one, other))
    if one is None or other is None:
        return compare in (operator.eq, operator.ne) and compare(one, other)
    try:
        return compare(one, other)
    except TypeError:
        return False


def _by(reference: str) -> Callable[[Row], tuple[bool, Any]]:
    return lambda row: _sort_key(read(row[0], row[1], reference))


def _sort_key(value: Any) -> tuple[bool, Any]:
    plain = value if isinstance(value, datetime) else plain_value(value)
    return value is not None, plain.lower() if isinstance(plain, str) else (plain if plain is not None else 0)
