"""Asking: questions at a terminal. Whoever asks sees only an `Asker`, so that a script can answer as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rich.markup import escape
from rich.prompt import Prompt

from reconciler.cli.output import err

SHOWN_MAX = 30


class Asker(Protocol):
    """Somebody who answers. Every method may raise KeyboardInterrupt; EOFError where nobody is there any more."""

    def text(self, asks: str, hint: str = "", default: str = "", *, secret: bool = False) -> str:
        """A line; `default`, which is not shown of a secret, for an empty one. Never empty."""

    def choose(self, asks: str, options: Sequence[str], default: int) -> int:
        """The position of one of `options`."""

    def yes(self, asks: str) -> bool:
        """Whether to go on; yes for an empty answer."""

    def say(self, sentence: str) -> None:
        """What went wrong, or what was found."""


class Terminal:
    """Asks on standard error, so that standard output stays what the command prints."""

    def text(self, asks: str, hint: str = "", default: str = "", *, secret: bool = False) -> str:
        if hint:
            err.print(f"[dim]{escape(hint)}[/dim]")
        shown = "" if not default else " [dim](Enter keeps it)[/dim]" if secret else f" [dim]({escape(default)})[/dim]"
        while True:
            answer = Prompt.ask(f"[bold]{escape(asks)}[/bold]{shown}", console=err, password=secret).strip()
            if answer or default:
                return answer or default

    def choose(self, asks: str, options: Sequence[str], default: int) -> int:
        for number, option in enumerate(options[:SHOWN_MAX], start=1):
            err.print(f"  {number:3}  {escape(option)}")
        if len(options) > SHOWN_MAX:
            err.print(f"       and {len(options) - SHOWN_MAX} more; type a name")
        while True:
            answer = self.text(f"{asks}: number or name", default=str(default + 1))
            chosen = position(answer, options)
            if chosen is not None:
                return chosen
            self.say(f'"{answer}" is none of them, or not clearly one')

    def yes(self, asks: str) -> bool:
        return self.text(f"{asks} [y/n]", default="y").casefold() in ("y", "yes")

    def say(self, sentence: str) -> None:
        err.print(f"[yellow]{escape(sentence)}[/yellow]")


def position(answer: str, options: Sequence[str]) -> int | None:
    """Which option is meant: by number from 1, by name, or by a part of one name only."""
    if answer.isdecimal() and 1 <= int(answer) <= len(options):
        return int(answer) - 1
    wanted = answer.casefold()
    exact = [n for n, option in enumerate(options) if option.casefold() == wanted]
    partly = exact or [n for n, option in enumerate(options) if wanted in option.casefold()]
    return partly[0] if len(partly) == 1 else None
