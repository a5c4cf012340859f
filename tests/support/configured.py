"""Configured: the configuration of a Duo as the command line would read it."""

from __future__ import annotations

from pathlib import Path

from reconciler.config import Config, load
from tests.support.duo import Duo


def configured(duo: Duo, folder: Path, *, settings: str = "", names: dict[str, str] | None = None) -> Config:
    """`settings` are lines for every mapping; `names` renames mappings, as an operator may."""
    text = f"""
version = 1
store.url = "{duo.store_url}"

[trackers.ado]
kind = "azure-devops"
url = "https://dev.azure.com/contoso"
token = "secret"

[trackers.clickup]
kind = "clickup"
workspace = "{duo.workspace.id}"
token = "pk_secret"
"""
    for project, task_list in zip(duo.projects, duo.lists, strict=True):
        name = project.name.lower()
        text += f"""
[[mappings]]
name = "{(names or {}).get(name, name)}"
left = {{ tracker = "ado", project = "{project.name}", types = ["User Story", "Bug", "Task"] }}
right = {{ tracker = "clickup", list = "{task_list.id}" }}
{settings}
"""
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, {})
