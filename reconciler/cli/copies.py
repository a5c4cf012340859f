"""Copies: the commands that take the store out of the way as one file, and put it back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli.invocation import Settings, load


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that does not exist yet.")],
) -> None:
    """Write the store as it is now into FILE, also while the daemon runs; the copy is examined.

    For a store on PostgreSQL or MySQL it says which tool of the server does it.

    Example: reconciler backup /backups/reconciler-monday.db
    """
    from reconciler.cli.output import out
    from reconciler.store import copy_out

    copy_out(load().store.url, file)
    out.print(f"{file}: complete and sound, {file.stat().st_size / 1e6:.1f} MB", markup=False)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `backup` wrote, or a daily copy of the store.")],
) -> None:
    """Put a backup in the store's place; the store that was there is kept beside it.

    Stop the daemon first: nothing is done while an instance holds the store. What was changed on either side since the
    backup is known as changed, and carried, by the next sync; look at its plan first.

    Example: reconciler restore /backups/reconciler-monday.db
    """
    from reconciler.cli.output import out
    from reconciler.store import put_back

    config = load()
    kept = put_back(config.store.url, file, Settings.clock.now())
    out.print(f"{file} is the store now", markup=False)
    if kept is not None:
        out.print(f"the one before is kept as {kept}", markup=False)
    out.print("look at what the next sync would do: reconciler plan")
