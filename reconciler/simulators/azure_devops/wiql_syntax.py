"""WIQL text, read into a tree: SELECT fields FROM WorkItems WHERE condition ORDER BY fields ASOF date."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

_Part = TypeVar("_Part")

QUERY_LENGTH_MAX = 32_000

_TOKEN = re.compile(
    r"""\s*(?:
        \[(?P<field>[^\]]+)\]
      | '(?P<text>(?:[^']|'')*)'
      | "(?P<quoted>(?:[^"]|"")*)"
      | (?P<macro>@[A-Za-z]+)
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<operator><=|>=|<>|!=|[=<>(),+-])
      | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
    )""",
    re.VERBOSE,
)
_WORD_OPERATORS = (
    "NOT IN GROUP",
    "IN GROUP",
    "NOT IN",
    "IN",
    "NOT CONTAINS WORDS",
    "CONTAINS WORDS",
    "NOT CONTAINS",
    "CONTAINS",
    "NOT UNDER",
    "UNDER",
    "WAS EVER",
    "NOT EVER",
    "EVER",
    "IS NOT EMPTY",
    "IS EMPTY",
)


class WiqlError(ValueError):
    """Text that is no query."""


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Macro:
    """`name` is lower case without the @, `offset` what is added to it (days, for dates)."""

    name: str
    offset: int = 0


@dataclass(frozen=True, slots=True)
class FieldName:
    value: str


Literal = Text | Number | Macro | FieldName


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator` in capital letters with one space between words; `source` as the query spelled the whole of it."""

    field: str
    operator: str
    operands: tuple[Literal, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Junction:
    """All of `parts` hold ("AND") or any of them ("OR"); `negated` turns the answer round."""

    word: str
    parts: tuple[Condition, ...]
    negated: bool = False


Condition = Comparison | Junction


@dataclass(frozen=True, slots=True)
class Query:
    """`order` are (field, descending); `as_of` the text of the date."""

    columns: tuple[str, ...]
    condition: Condition | None
    order: tuple[tuple[str, bool], ...]
    as_of: str | None


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def parse(text: str) -> Query:
    """Raises WiqlError with a sentence."""
    if len(text) > QUERY_LENGTH_MAX:
        raise WiqlError(f"The query text is longer than the {QUERY_LENGTH_MAX} characters it may have.")
    return _Parser(text).query()


def _tokens(text: str) -> list[_Token]:
    tokens = []
    end, stop = 0, len(text.rstrip())
    while end < stop:
        found = _TOKEN.match(text, end)
        if found is None or found.lastgroup is None:
            rest = text[end:].lstrip()
            raise WiqlError("Expecting closing quote." if rest[:1] in "'\"" else f"Unexpected text «{rest[:20]}».")
        kind = found.lastgroup
        value = found[kind]
        if kind in ("text", "quoted"):
            quote = "'" if kind == "text" else '"'
            kind, value = "text", value.replace(quote * 2, quote)
        tokens.append(_Token(kind, value, found.start(found.lastgroup), found.end()))
        end = found.end()
    return tokens


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0

    def query(self) -> Query:
        self._expect("SELECT")
        columns = self._list(self._field)
        self._expect("FROM")
        source = self._next().text.lower()
        if source != "workitems":
            raise WiqlError(f"Only flat queries are answered here, not those from «{source}».")
        condition = self._any() if self._take("WHERE") else None
        order: tuple[tuple[str, bool], ...] = ()
        if self._take("ORDER"):
            self._expect("BY")
            order = self._list(self._sort)
        as_of = self._next().text if self._take("ASOF") else None
        if self._at < len(self._tokens):
            raise WiqlError(f"Unexpected text «{self._tokens[self._at].text}».")
        return Query(columns, condition, order, as_of)

    # --- conditions --------------------------------------------------------------------------------------------------

    def _any(self) -> Condition:
        return self._junction("OR", self._all)

    def _all(self) -> Condition:
        return self._junction("AND", self._not)

    def _junction(self, word: str, part: Callable[[], Condition]) -> Condition:
        parts = [part()]
        while self._take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Junction(word, tuple(parts))

    def _not(self) -> Condition:
        if self._take("NOT"):
            return Junction("AND", (self._not(),), negated=True)
        if self._take("("):
            inside = self._any()
            self._expect(")")
            return inside
        return self._comparison()

    def _comparison(self) -> Comparison:
        start = self._peek().start - 1 if self._peek().kind == "field" else self._peek().start
        field = self._field()
        operator = self._operator()
        operands: tuple[Literal, ...] = ()
        if operator in ("IN", "NOT IN"):
            self._expect("(")
            operands = self._list(self._literal)
            self._expect(")")
        elif not operator.endswith("EMPTY"):
            operands = (self._literal(),)
        return Comparison(field, operator, operands, self._text[start : self._tokens[self._at - 1].end])

    def _operator(self) -> str:
        token = self._peek()
        if token.kind == "operator" and token.text in ("=", "<>", "!=", "<", ">", "<=", ">="):
            self._at += 1
            return "<>" if token.text == "!=" else token.text
        for operator in _WORD_OPERATORS:
            words = operator.split()
            ahead = [following.text.upper() for following in self._tokens[self._at : self._at + len(words)]]
            if ahead == words:
                self._at += len(words)
                return "EVER" if operator == "WAS EVER" else operator
        raise WiqlError(f"Expecting an operator before «{token.text}».")

    def _literal(self) -> Literal:
        token = self._next()
        match token.kind:
            case "text":
                return Text(token.text)
            case "number":
                return Number(float(token.text))
            case "field":
                return FieldName(token.text)
            case "macro":
                return self._macro(token)
        if token.text == "-" and self._peek().kind == "number":
            return Number(-float(self._next().text))
        if token.text.lower() in ("true", "false"):
            return Text(token.text)
        raise WiqlError(f"Expecting a value instead of «{token.text}».")

    def _macro(self, token: _Token) -> Macro:
        offset = 0
        if self._at < len(self._tokens) and self._peek().text in ("+", "-"):
            sign = 1 if self._next().text == "+" else -1
            offset = sign * int(float(self._next().text))
        return Macro(token.text[1:].lower(), offset)

    # --- pieces ------------------------------------------------------------------------------------------------------

    def _field(self) -> str:
        token = self._next()
        if token.kind not in ("field", "word"):
            raise WiqlError(f"Expecting a field instead of «{token.text}».")
        return token.text.strip()

    def _sort(self) -> tuple[str, bool]:
        field = self._field()
        if self._take("DESC"):
            return field, True
        self._take("ASC")
        return field, False

    def _list(self, part: Callable[[], _Part]) -> tuple[_Part, ...]:
        parts = [part()]
        while self._take(","):
            parts.append(part())
        return tuple(parts)

    def _peek(self) -> _Token:
        if self._at >= len(self._tokens):
            raise WiqlError("The query ends too early.")
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._peek()
        self._at += 1
        return token

    def _take(self, word: str) -> bool:
        if self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.kind in ("word", "operator") and token.text.upper() == word:
                self._at += 1
                return True
        return False

    def _expect(self, word: str) -> None:
        if not self._take(word):
            found = self._tokens[self._at].text if self._at < len(self._tokens) else "the end"
            raise WiqlError(f"Expecting {word} instead of «{found}».")
