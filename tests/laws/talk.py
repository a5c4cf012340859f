"""Talk: the comments of one pair as both sides last agreed on them, and what people did to them since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from hypothesis import strategies as st

from reconciler.discussion import DiscussionPlan, comment_marker, plan_discussion
from reconciler.model.comment import Comment, CommentDraft
from reconciler.model.comment_link import CommentLink
from reconciler.model.link import Link
from reconciler.model.origin import Origin
from reconciler.model.person import Person
from reconciler.model.plan import AddComment, DeleteComment, EditComment
from reconciler.model.policy import Direction, Policy, Rule
from reconciler.model.rich_text import RichText
from reconciler.model.side import SIDES, Side, other
from reconciler.model.snapshot import Snapshot
from reconciler.richtext import convert
from tests.laws import strategies as some
from tests.laws.pair import FORMS
from tests.laws.strategies import NOON, Dice

BOT = Person("sync@example.com", "Sync", "bot")
WORDS = ("yes", "no", "perhaps", "never")


@dataclass(frozen=True)
class Talk:
    """`now` holds all comments of both sides by key; `pairs` the twins that are remembered."""

    policy: Policy
    link: Link
    pairs: tuple[CommentLink, ...]
    now: Mapping[Side, Mapping[str, Comment]]
    verdicts: Mapping[int, Side] = field(default_factory=dict)

    def plan(self, read: tuple[Side, ...] = SIDES) -> DiscussionPlan:
        seen = {side: list(self.now[side].values()) if side in read else None for side in SIDES}
        return plan_discussion(self.policy, self.link, self.pairs, seen, self.verdicts)

    def copy_of(self, side: Side, original: Comment, key: str) -> Comment:
        """Our copy on `side`, as that tracker shows it."""
        item = self.link.side(other(side)).item
        origin = Origin(original.url, "", comment_marker(self.policy.name, other(side), item.key, original.key))
        text = convert(original.text, FORMS[side])
        return replace(
            said(side, key, ""), author=BOT, text=text, origin=origin, credit=original.author.name, ours=True
        )

    def carried_out(self) -> Talk:
        """The talk after everything planned was done and remembered, in the order in which the engine does it."""
        talk, plan = self, self.plan()
        if plan.adopted:
            fresh = max((p.id for p in talk.pairs), default=0)
            new = [CommentLink(fresh + n, 1, left, right) for n, (left, right) in enumerate(plan.adopted, 1)]
            talk = replace(talk, pairs=(*talk.pairs, *new))
            plan = talk.plan()
        for pair, side, comment in plan.seen:
            talk = talk._remembering(pair.id, {side: comment})
        talk = replace(talk, pairs=tuple(p for p in talk.pairs if p.id not in {d.id for d in plan.dropped}))
        for operation in plan.operations:
            talk = talk._done(operation)
        return talk

    def _done(self, operation: AddComment | EditComment | DeleteComment) -> Talk:
        side = operation.side
        match operation:
            case AddComment(draft=CommentDraft(origin=origin), source=source):
                copy = replace(self.copy_of(side, source, f"{source.key}'"), origin=origin)
                left, right = (copy, source) if side == "left" else (source, copy)
                link = CommentLink(max((p.id for p in self.pairs), default=0) + 1, 1, left, right)
                return replace(self._showing(side, copy), pairs=(*self.pairs, link))
            case EditComment(target=target, text=text, pair=pair, source=source):
                edited = replace(target, text=convert(text, FORMS[side]))
                return self._showing(side, edited)._remembering(pair.id, {side: edited, other(side): source})
            case DeleteComment(target=target, pair=pair):
                left = {key: c for key, c in self.now[side].items() if key != target.key}
                return replace(
                    self, now={**self.now, side: left}, pairs=tuple(p for p in self.pairs if p.id != pair.id)
                )

    def _showing(self, side: Side, comment: Comment) -> Talk:
        return replace(self, now={**self.now, side: {**self.now[side], comment.key: comment}})

    def _remembering(self, pair_id: int, views: Mapping[Side, Comment]) -> Talk:
        pairs = [
            CommentLink(p.id, p.link_id, views.get("left", p.left), views.get("right", p.right))
            if p.id == pair_id
            else p
            for p in self.pairs
        ]
        return replace(self, pairs=tuple(pairs))


def said(side: Side, key: str, word: str, *, minute: int = 0) -> Comment:
    """What a person wrote."""
    text = RichText(FORMS[side], f"<p>{word}</p>" if FORMS[side].value == "html" else word)
    at = NOON + timedelta(minutes=minute)
    return Comment(key, Person("ada@example.com", "Ada", "ada"), text, at, f"https://{side}.example.com/c/{key}")


def talk_of(policy: Policy) -> Talk:
    """A pair of items about which nobody has said anything."""
    items = {side: some.item(side, {"title": "one"}) for side in SIDES}
    link = Link(1, "web", Snapshot(items["left"]), Snapshot(items["right"]), NOON)
    return Talk(policy, link, (), {"left": {}, "right": {}})


def talk(dice: Dice) -> Talk:
    policy = Policy(
        "web",
        conflict=dice.pick(list(Rule)),
        directions={"comments": Direction.BOTH if dice.often() else dice.pick(list(Direction))},
    )
    made = talk_of(policy)
    pairs: list[CommentLink] = []
    now: dict[Side, dict[str, Comment]] = {"left": {}, "right": {}}
    for number in range(dice.upto(3)):
        origin_side: Side = dice.pick(SIDES)
        original = said(origin_side, f"{origin_side[0]}{number}", dice.pick(WORDS), minute=number)
        copy = made.copy_of(other(origin_side), original, f"{other(origin_side)[0]}{number}")
        base = {origin_side: original, other(origin_side): copy}
        if dice.often():  # else the store forgot that they belong together
            pairs.append(CommentLink(number + 1, 1, base["left"], base["right"]))
        for side in SIDES:
            present = _edited(dice, side, base[side])
            if present is not None:
                now[side][present.key] = present
    for number in range(dice.upto(2)):
        side = dice.pick(SIDES)
        comment = said(side, f"{side[0]}n{number}", dice.pick(WORDS), minute=10 + number)
        now[side][comment.key] = comment
    verdicts: dict[int, Side] = {pair.id: dice.pick(SIDES) for pair in pairs if dice.seldom()}
    return replace(made, pairs=tuple(pairs), now=now, verdicts=verdicts)


def _edited(dice: Dice, side: Side, comment: Comment) -> Comment | None:
    match dice.upto(3):
        case 1:
            return replace(comment, text=said(side, "", dice.pick(WORDS)).text)
        case 2:
            return None
    return comment


def talks() -> st.SearchStrategy[Talk]:
    return some.thrown(talk, bytes_needed=80)


def mirrored(talk: Talk) -> Talk:
    """The same with left and right exchanged, marks included: they name the side of the original."""
    renamed: dict[str, str] = {}
    for side in SIDES:
        key = talk.link.side(side).item.key
        for number in [*talk.now[side], *(pair.side(side).key for pair in talk.pairs)]:
            renamed[comment_marker("web", side, key, number)] = comment_marker("web", other(side), key, number)

    def turned(comment: Comment) -> Comment:
        origin = comment.origin
        if origin is None:
            return comment
        return replace(comment, origin=replace(origin, marker=renamed.get(origin.marker, origin.marker)))

    return Talk(
        some.mirrored_policy(talk.policy),
        replace(talk.link, left=talk.link.right, right=talk.link.left),
        tuple(CommentLink(p.id, p.link_id, turned(p.right), turned(p.left)) for p in talk.pairs),
        {side: {key: turned(c) for key, c in talk.now[other(side)].items()} for side in SIDES},
        {number: other(winner) for number, winner in talk.verdicts.items()},
    )
