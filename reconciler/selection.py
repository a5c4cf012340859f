"""Selection: what of a plan is carried out, where a person chose it by a saved one. Does no I/O.

An operation is chosen where the present plan has the very same one: the same to the same revision, from the same value
to the same value. A pair is written only if everything that would be written of it was chosen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from reconciler.model.operation import (
    Operation,
    identity,
    of_attachment,
    of_comment,
    of_create,
    of_delete,
    of_pair,
)
from reconciler.model.plan import (
    AddComment,
    AttachmentOperation,
    CommentOperation,
    DeleteComment,
    EditComment,
    PairPlan,
    Plan,
)


@dataclass(slots=True)
class Selection:
    """`wanted` are the saved operations and pairings, `digest` the name of the plan that they are from. While a cycle
    runs, `met` gathers the identities of those that came up, `passed_over` what would be done and was not chosen."""

    digest: str
    wanted: tuple[Operation, ...]
    met: set[str] = field(default_factory=set)
    passed_over: list[Operation] = field(default_factory=list)
    _identities: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._identities = frozenset(map(identity, self.wanted))

    def choose(self, plan: Plan) -> Plan:
        """The plan with nothing in it but what was chosen, and what needs no request."""
        return replace(
            plan,
            creates=tuple(create for create in plan.creates if self._takes([of_create(create)])),
            pairs=tuple(pair for pair in plan.pairs if self._takes_pair(pair)),
            deletes=tuple(delete for delete in plan.deletes if self._takes([of_delete(delete)])),
        )

    def permits(self, operation: CommentOperation | AttachmentOperation) -> bool:
        """Whether an operation that concerns a comment or an attachment was chosen."""
        is_comment = isinstance(operation, AddComment | EditComment | DeleteComment)
        return self._takes([of_comment(operation) if is_comment else of_attachment(operation)])  # type: ignore[arg-type]

    def _takes_pair(self, pair: PairPlan) -> bool:
        return self._takes(list(of_pair(pair)))

    def _takes(self, operations: Iterable[Operation]) -> bool:
        found = {identity(operation): operation for operation in operations}
        if found.keys() <= self._identities:
            self.met |= found.keys()
            return True
        self.passed_over += found.values()
        return False
