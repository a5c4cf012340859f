"""Secrets: values that the file names but does not hold - "$NAME" from the environment, "file:/path" from a file, and
"credential:name" from the credentials that systemd passes to a service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_VARIABLE = re.compile(r"^\$(\w+)$")
_CREDENTIAL = re.compile(r"^credential:([\w.-]+)$")


class Unresolved(Exception):
    """A secret that is not where the file says; the text says where that was."""


def resolve(value: str, environ: Mapping[str, str], folder: Path) -> str:
    """The value that `value` stands for, or `value` itself where it is no reference. Relative files are relative to
    `folder`; blanks and line ends around a value are cut off. Raises Unresolved."""
    variable = _VARIABLE.match(value)
    if variable:
        found = environ.get(variable[1], "").strip()
        if not found:
            raise Unresolved(f"the environment variable {variable[1]} is not set")
        return found
    credential = _CREDENTIAL.match(value)
    if credential and not environ.get("CREDENTIALS_DIRECTORY"):
        raise Unresolved(
            f"there are no systemd credentials here; the unit needs LoadCredential={credential[1]}:/path, and a shell"
            f" CREDENTIALS_DIRECTORY with a file {credential[1]}"
        )
    if credential or value.startswith("file:"):
        path = Path(environ["CREDENTIALS_DIRECTORY"]) / credential[1] if credential else folder / value[5:]
        try:
            found = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Unresolved(f"the file {path} cannot be read: {type(error).__name__}") from None
        if not found:
            raise Unresolved(f"the file {path} is empty")
        return found
    return value
