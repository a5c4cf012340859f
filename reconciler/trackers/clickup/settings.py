"""Settings: the keys of the configuration that belong to ClickUp, and nothing else."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator, model_validator

_BEARER = re.compile(r"^bearer(\s+|$)", re.IGNORECASE)


def _id_as_text(value: object) -> object:
    """Ids are digits, so people write them with and without quotes."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Id = Annotated[str, BeforeValidator(_id_as_text, json_schema_input_type=int | str), Field(pattern=r"^\d{1,20}$")]
"""A workspace, Space, Folder or List as its address in the browser names it."""


class Connection(BaseModel):
    """`[trackers.<name>]` with kind "clickup"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["clickup"] = Field(description="Which tracker this is.")
    url: str = Field(
        default="https://api.clickup.com",
        description="Address of the service; /api/v2 is added.",
        examples=["https://api.clickup.com"],
    )
    workspace: Id = Field(
        description="Number of the workspace: the first number in the address of any of its pages.",
        examples=["9013012345"],
    )
    token: SecretStr = Field(
        description="Personal API token (pk_…) of the account that shall appear as author, or an OAuth access token."
    )
    requests_per_minute: int = Field(
        default=100,
        ge=2,
        le=100_000,
        description="Ceiling of the workspace's plan: 100 up to Business, 1000 on Business Plus, 10000 on Enterprise."
        " A lower value leaves room for other programs that use the same token.",
    )

    overwrite_chips: bool = Field(
        default=False,
        description="Whether a description that holds mentions or task cards may be overwritten; ClickUp then shows"
        " them as text. Otherwise such an edit waits for a person.",
    )

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be an http(s) address such as https://api.clickup.com")
        bare = url.rstrip("/")
        return bare.removesuffix("/api/v2").removesuffix("/api")

    @field_validator("token")
    @classmethod
    def _is_a_token(cls, token: SecretStr) -> SecretStr:
        """A pasted "Bearer " before a personal token looks like a bad token to ClickUp (FACTS clickup 1.4)."""
        bare = _BEARER.sub("", token.get_secret_value().strip())
        if not bare:
            raise ValueError("is empty")
        return SecretStr(bare)


class Side(BaseModel):
    """`[mappings.left]` or `[mappings.right]` of a mapping whose tracker is a ClickUp: a List, or all Lists of a
    Folder or Space."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tracker: str = Field(default="", description="Name of the tracker's table.")
    list: Id | None = Field(default=None, description="Number of the List.", examples=["901100200300"])
    folder: Id | None = Field(default=None, description="Number of a Folder: all its Lists.")
    space: Id | None = Field(default=None, description="Number of a Space: all its Lists, in Folders or not.")
    create_list: Id | None = Field(
        default=None, description="Number of the List in which new tasks are made; needed with `folder` and `space`."
    )

    @model_validator(mode="after")
    def _covers_one_place(self) -> Side:
        given = [name for name in ("list", "folder", "space") if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise ValueError(f"exactly one of list, folder or space must be given, not {found}")
        if given != ["list"] and self.create_list is None:
            raise ValueError(f"create_list is needed with {given[0]}: it says in which List new tasks are made")
        if given == ["list"] and self.create_list not in (None, self.list):
            raise ValueError("create_list must be left out where list is given; new tasks are made in that List")
        return self
