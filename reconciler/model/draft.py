"""Draft: an item to be created, already in the words of the tracker that will hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.model.field import Value
from reconciler.model.origin import Origin


@dataclass(frozen=True, slots=True)
class Draft:
    """`fields` always has "title" and "type"; rich text may come in any form and is converted by the tracker."""

    fields: Mapping[str, Value]
    origin: Origin
