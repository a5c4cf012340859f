"""Guard: refuses a plan that looks like an accident. Pure; the caller decides what "once" means."""

from __future__ import annotations

from reconciler.errors import GuardTripped
from reconciler.model.plan import DeleteAction, Plan
from reconciler.model.policy import Policy

PERCENT_NEEDS_PAIRS = 20
"""Below so many linked pairs a share of them says nothing: changing two items of three is an ordinary morning."""


def guard(
    plan: Plan, policy: Policy, *, confirmed: bool = False, allow: str | None = None, saved: str | None = None
) -> None:
    """Raises GuardTripped unless the plan is within the mapping's limits, or `allow` is the plan's own digest; of one
    that was chosen from a saved plan, that one's digest, which is `saved`.

    `confirmed` lets the first plan of a mapping through, including its number of creates: a person has seen it.
    """
    digest = saved or plan.digest
    if allow == digest:
        return
    limits = policy.guard
    if plan.first and policy.confirm_first_sync and not plan.is_empty and not confirmed:
        _trip(digest, "first-sync", f"the first plan waits to be seen: {_size(plan)}", "sync --yes")
    creates, updates = len(plan.creates), sum(1 for _ in plan.updates())
    deletes = sum(1 for d in plan.deletes if d.action in (DeleteAction.DELETE, DeleteAction.CLOSE))
    override = f"{'apply FILE' if saved else 'sync'} --allow {digest}"
    if creates > limits.max_creates and not (plan.first and confirmed):
        _trip(digest, "max_creates", f"{creates} creates are planned, {limits.max_creates} are allowed", override)
    if updates > limits.max_updates and not (plan.first and confirmed):
        _trip(digest, "max_updates", f"{updates} updates are planned, {limits.max_updates} are allowed", override)
    if deletes > limits.max_deletes:
        _trip(digest, "max_deletes", f"{deletes} deletions are planned, {limits.max_deletes} are allowed", override)
    percent = 100 * (updates + deletes) / plan.linked if plan.linked >= PERCENT_NEEDS_PAIRS else 0
    if percent > limits.max_changed_percent and not plan.first:
        rule = "max_changed_percent"
        _trip(
            digest,
            rule,
            f"{percent:.0f} % of the pairs would change, {limits.max_changed_percent} % are allowed",
            override,
        )


def _size(plan: Plan) -> str:
    updates = sum(1 for _ in plan.updates())
    return f"{len(plan.creates)} creates, {len(plan.adoptions)} pairings, {updates} updates"


def _trip(digest: str, rule: str, what: str, override: str) -> None:
    raise GuardTripped(
        f"{what}; look at `reconciler plan`, then let it through with `reconciler {override}`",
        rule=rule,
        digest=digest,
    )
