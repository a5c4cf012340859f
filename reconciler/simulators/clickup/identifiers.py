"""Identifiers: ids as ClickUp makes them (FACTS clickup 1.17), the same in every run."""

from __future__ import annotations

import random
import uuid

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_FIRST_TASK = int("86c7mc19h", 36)
_TASK_STEP = 73  # so that ids look scattered and never follow from one another


class Identifiers:
    """Ids are never used twice. Lists, Folders and Spaces share one sequence, as they seem to."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._tasks = _FIRST_TASK
        self._places = 901_520_000_100
        self._comments = 90_150_188_973_000
        self._members = 10_000_000
        self._histories = 4_926_521_628_030_751_467

    def task(self) -> str:
        """Nine lower-case characters, "86c7mc1b4"."""
        self._tasks += _TASK_STEP
        return _base36(self._tasks)

    def place(self) -> str:
        """Decimal text of twelve digits."""
        self._places += 1
        return str(self._places)

    def workspace(self) -> str:
        return str(90_150_000_000 + int(self.place()) % 1_000_000)

    def comment(self) -> int:
        """More than 32 bit; a number in answers to POST and text in listings."""
        self._comments += self._random.randint(1, 300)
        return self._comments

    def member(self) -> int:
        self._members += 1
        return self._members

    def history(self) -> int:
        """19 digits, more than a double can hold."""
        self._histories += self._random.randint(1, 1_000_000)
        return self._histories

    def unique(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def letters(self, count: int) -> str:
        return "".join(self._random.choices("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", k=count))

    def token(self, member_id: int) -> str:
        """The form of a personal token (FACTS clickup 1.2)."""
        return f"pk_{member_id}_{self.letters(32).upper()}"


def _base36(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text
