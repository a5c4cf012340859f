"""Edit: one save of one work item, from parsed operations to a new revision, all or nothing (FACTS ado 7.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from reconciler.simulators.azure_devops import errors, json_patch
from reconciler.simulators.azure_devops.comments import prepare_comment
from reconciler.simulators.azure_devops.html import rewrite_html, rewrite_markdown
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.item import Comment, CommentVersion, Revision, Value, WorkItem
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.process import READ_ONLY_FIELDS, WorkItemType, fields
from reconciler.simulators.azure_devops.relations import RelationPlan
from reconciler.simulators.azure_devops.render import plain_value
from reconciler.simulators.azure_devops.rules import Problems, apply_defaults, check_values, settle_state
from reconciler.simulators.azure_devops.values import KindError, coerce, read, tags_from
from reconciler.simulators.azure_devops.world import World

_BYPASSED = ("System.CreatedBy", "System.CreatedDate", "System.ChangedBy", "System.ChangedDate")
_MOVING = ("System.TeamProject", "System.WorkItemType")
_ELSEWHERE = (*_MOVING, "System.Parent")
"""Settled before, or ignored: a parent is linked, not written (FACTS ado 7.26)."""


@dataclass
class Edit:
    """`item` is a new one without revisions, or one to change. Use once; `carry_out` saves or raises ApiError."""

    world: World
    item: WorkItem
    user: User
    project: Project
    kind: WorkItemType
    bypass_rules: bool = False
    batch_items: Mapping[int, WorkItem] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.creating = not self.item.revisions
        self._values: dict[str, Value] = {} if self.creating else dict(self.item.fields)
        self._formats = set() if self.creating else set(self.item.current.formats)
        self._touched: dict[str, Any] = {}
        self._history: tuple[str, str] | None = None
        self._problems = Problems()
        self._relations = RelationPlan(self.world, self.item, self.user)

    def carry_out(self, operations: Sequence[json_patch.Operation], *, validate_only: bool = False) -> WorkItem:
        """The item as saved; with `validate_only` the item as it would be, and nothing is kept."""
        self._test(operations)
        if self.bypass_rules and not self.user.may_bypass_rules:
            raise errors.forbidden("TF401320: The current user does not have permissions to bypass work item rules.")
        self._move(operations)
        self._set_fields(operations)
        self._set_formats(operations)
        self._plan_relations(operations)
        self._settle()
        return self._would_be() if validate_only else self._save()

    # --- the steps ---------------------------------------------------------------------------------------------------

    def _test(self, operations: Sequence[json_patch.Operation]) -> None:
        for operation in operations:
            if isinstance(operation, json_patch.Test):
                actual = self._actual(operation.path)
                if operation.value != actual:
                    raise errors.test_failed(operation.path, operation.value, actual)

    def _actual(self, path: str) -> Any:
        if self.creating:
            return None
        if path == "/rev":
            return self.item.rev
        return plain_value(read(self.item, self.item.current, path.removeprefix("/fields/")))

    def _move(self, operations: Sequence[json_patch.Operation]) -> None:
        """Another project or type comes first, because it decides what the other fields mean (FACTS ado 7.23)."""
        if self.creating:
            self._values |= {"System.AreaPath": self.project.areas, "System.IterationPath": self.project.iterations}
        wanted = {
            op.field: str(op.value) for op in operations if isinstance(op, json_patch.SetField) and op.field in _MOVING
        }
        project = self.world.project(wanted.get("System.TeamProject", self.project.id))
        if project is None:
            raise errors.bad_request("VS402834: The project that the work item is moved to does not exist.")
        if project is not self.project:
            self._values |= {"System.AreaPath": project.areas, "System.IterationPath": project.iterations}
            if tags := self._values.get("System.Tags"):
                assert isinstance(tags, tuple)
                self._values["System.Tags"] = tuple(self.world.make_tag(project, tag.name) for tag in tags)
            self.project = project
        type_name = wanted.get("System.WorkItemType", self.kind.name)
        kind = project.process.type(type_name)
        if kind is None:
            raise errors.type_missing(type_name)
        self._become(kind)
        self._values |= {"System.TeamProject": project, "System.WorkItemType": kind.name}

    def _become(self, kind: WorkItemType) -> None:
        if kind is not self.kind:
            self._values = {name: value for name, value in self._values.items() if kind.has(name)}
            apply_defaults(kind, self._values)
            self.kind = kind

    def _set_fields(self, operations: Sequence[json_patch.Operation]) -> None:
        for operation in operations:
            if isinstance(operation, json_patch.SetField):
                self._set(operation)
            elif isinstance(operation, json_patch.ClearField):
                if operation.field not in self._values and self.world.switches.remove_of_empty_fails:
                    raise errors.bad_request(f"The field {operation.field} has no value to remove.")
                self._set(json_patch.SetField(operation.field, None, True))

    def _set(self, operation: json_patch.SetField) -> None:
        reference = operation.field
        if reference in _ELSEWHERE:
            return
        if not self.kind.has(reference):
            raise errors.field_missing(reference)
        if reference == "System.History":
            self._history = prepare_comment(self.world, operation.value) if operation.value else None
            return
        if reference in READ_ONLY_FIELDS and not (self.bypass_rules and reference in _BYPASSED):
            self._problems.rule(reference, "readOnly")
            return
        self._touched[reference] = operation.value
        if reference == "System.Tags":
            self._set_tags(str(operation.value or ""), operation.replaces)
            return
        try:
            value = coerce(self.world, self.project, self.item.id or -1, fields()[reference], operation.value)
        except KindError as error:
            self._problems.add(reference, "invalidType", str(error))
            return
        if value is None:
            self._values.pop(reference, None)
            self._formats.discard(reference)
        else:
            self._values[reference] = value

    def _set_tags(self, text: str, replaces: bool) -> None:
        tags = tags_from(self.world, self.project, self.user, text)
        had = self._values.get("System.Tags", ())
        assert isinstance(had, tuple)
        merged = tags if replaces else [*had, *(tag for tag in tags if tag not in had)]
        if merged or had:
            self._values["System.Tags"] = tuple(merged)

    def _set_formats(self, operations: Sequence[json_patch.Operation]) -> None:
        for operation in operations:
            if not isinstance(operation, json_patch.SetFormat):
                continue
            named = fields()[operation.field]
            if named.kind != "html" or not self.world.switches.multiline_formats:
                text = f"Operation of changing value type is not supported for the field {operation.field}"
                raise errors.bad_request(text)
            if operation.field not in self._touched:  # FACTS ado 18.3
                raise errors.bad_request(f"The type of the field {operation.field} changed without a value.")
            self._set_format(operation.field, operation.format)
        for reference in self._values.keys() & self._touched.keys():
            if fields()[reference].kind == "html":
                self._values[reference] = self._rewritten(reference, str(self._values[reference]))

    def _set_format(self, reference: str, wanted: str) -> None:
        if wanted not in ("markdown", "html"):
            raise errors.bad_request(f"The format {wanted} is unknown.")
        if wanted == "markdown":
            self._formats.add(reference)
        elif reference in self._formats:
            if not self.world.switches.markdown_can_revert:
                raise errors.bad_request(f"The field {reference} cannot be converted from Markdown to HTML.")
            self._formats.discard(reference)

    def _rewritten(self, reference: str, text: str) -> str:
        rewrite = rewrite_markdown if reference in self._formats else rewrite_html
        return rewrite(text, comments_survive=self.world.switches.html_comments_survive)

    def _plan_relations(self, operations: Sequence[json_patch.Operation]) -> None:
        """Additions come last, wherever they stand, so that a new parent may come with the removal of the old one."""
        for operation in operations:
            if isinstance(operation, json_patch.RemoveRelation):
                self._relations.remove(operation.index)
            elif isinstance(operation, json_patch.EditRelation):
                self._relations.edit(operation.index, {operation.attribute: operation.value})
        for operation in operations:
            if isinstance(operation, json_patch.AddRelation):
                self._relations.add(operation.value, self.batch_items)

    def _settle(self) -> None:
        self._at = self.world.stamp(self.item)
        if self.creating:
            apply_defaults(self.kind, self._values)
            self._values.setdefault("System.State", self.kind.initial_state)
            self._values.setdefault("System.CreatedDate", self._at)
            self._values.setdefault("System.CreatedBy", self.user)
            self._values["System.CommentCount"] = 0
        if self.bypass_rules:
            self._settle_bypassed()
        else:
            self._settle_by_rules()
        self._problems.raise_if_any()
        if not self.world.may_write(self.user, self._values["System.AreaPath"]):
            raise errors.forbidden(
                "TF237111: The current user does not have permissions to save work items under the specified area path."
            )

    def _settle_by_rules(self) -> None:
        check_values(self.kind, self._values, self._touched, self._problems)
        before = "" if self.creating else str(self.item.fields["System.State"])
        if before and self.kind.state(before) is None:  # of another type or project
            before = ""
            if "System.State" not in self._touched:
                self._values["System.State"] = self.kind.initial_state
        settle_state(self.kind, before, self._values, self._touched, self.user, self._at, self._problems)

    def _settle_bypassed(self) -> None:
        self._values.setdefault("System.Reason", self.kind.transitions["", self.kind.initial_state].reason)
        self._values.setdefault("Microsoft.VSTS.Common.StateChangeDate", self._at)
        when = self._values.get("System.ChangedDate") if "System.ChangedDate" in self._touched else None
        if isinstance(when, datetime):
            self._check_order(when)

    def _check_order(self, when: datetime) -> None:
        """Even those who bypass rules cannot go back in time (FACTS ado 5.18)."""
        if when > self.world.now():
            text = "VS402624: The changed date cannot be in the future."
            raise errors.bad_request(text, "WorkItemDatesInFutureException")
        if not self.creating and when <= self.item.current.changed_at:
            text = "VS402625: Dates must be increasing with each revision."
            raise errors.bad_request(text, "WorkItemDatesNotIncreasingException")

    # --- the end -----------------------------------------------------------------------------------------------------

    def _changes(self) -> bool:
        if self.creating or self._history or self._relations.changes_resources:
            return True
        before = self.item.current
        ours = {name: value for name, value in self._values.items() if value != ()}
        theirs = {name: value for name, value in before.fields.items() if value != ()}
        return ours != theirs or self._formats != before.formats

    def _save(self) -> WorkItem:
        plan = self._relations
        if self.creating:
            self.item.id = self.world.count("item")
        plan.commit()
        edited = [relation for relation, _ in plan.edited]
        if self._changes() or (self.world.switches.noop_bumps_rev and not (plan.added or plan.removed or edited)):
            comment = self._add_history() if self._history else None
            self.world.save(
                self.item,
                self.user,
                self._values,
                at=self._at,
                formats=frozenset(self._formats),
                comment=comment,
                added=plan.added,
                removed=plan.removed,
                **self._bypassed_stamps(),
            )
        elif plan.added or plan.removed or edited:
            self.world.save_links(self.item, self.user, plan.added, plan.removed, edited)
        return self.item

    def _bypassed_stamps(self) -> dict[str, Any]:
        if not self.bypass_rules:
            return {}
        return {
            "changed_at": self._values["System.ChangedDate"] if "System.ChangedDate" in self._touched else None,
            "changed_by": self._values["System.ChangedBy"] if "System.ChangedBy" in self._touched else None,
        }

    def _add_history(self) -> tuple[int, int, str]:
        assert self._history
        text, form = self._history
        comment = Comment(self.world.count("comment", 17_026_700), [CommentVersion(1, text, form, self.user, self._at)])
        self.item.comments.append(comment)
        count = self._values["System.CommentCount"]
        assert isinstance(count, int)
        self._values["System.CommentCount"] = count + 1
        return comment.id, 1, text

    def _would_be(self) -> WorkItem:
        """A copy that shows the result and belongs to nobody (FACTS ado 5.14)."""
        changed: dict[str, Value] = {"System.ChangedDate": self._at, "System.ChangedBy": self.user}
        shown = self._values if not self.creating else self._values | changed
        base = self.item.current if not self.creating else Revision(1, 0, self._at, self.user, shown, frozenset())
        revision = replace(base, fields=shown, formats=frozenset(self._formats))
        return WorkItem(self.item.id, [*self.item.revisions[:-1], revision], relations=list(self.item.relations))
