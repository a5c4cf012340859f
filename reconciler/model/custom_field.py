"""CustomField: a field that only some mappings carry, as a tracker describes it and as a configuration joins it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.field import Kind

YES = "yes"
"""What a yes or no field holds where it is set; otherwise it is empty."""


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field of one side. `id` is what the tracker calls it among machines, `form` its own word for what it holds,
    `kind` what that is to everybody. A CHOICE takes one of `options`, or any word where there are none; a yes or no is
    the choice of YES or nothing. `option_ids` are what the options keep when they are renamed, one each, or none.
    `refusal` says why a field cannot be carried at all."""

    id: str
    name: str
    kind: Kind
    form: str
    options: tuple[str, ...] = ()
    writable: bool = True
    refusal: str = ""
    option_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldPair:
    """`[[mappings.custom_fields]]`: two fields by name or id, and what the choices of the left are called on the
    right."""

    left: str
    right: str
    direction: str = "both"
    values: Mapping[str, str] = field(default_factory=dict)
