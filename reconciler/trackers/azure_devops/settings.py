"""Settings: the keys of the configuration that belong to Azure DevOps, and nothing else."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from reconciler.trackers.azure_devops.entra import Auth


class Connection(BaseModel):
    """`[trackers.<name>]` with kind "azure-devops"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["azure-devops"] = Field(description="Which tracker this is.")
    url: str = Field(
        description="Address of the organisation (https://dev.azure.com/contoso) or of a collection of an"
        " Azure DevOps Server (https://tfs.example.com/tfs/DefaultCollection).",
        examples=["https://dev.azure.com/contoso"],
    )
    token: SecretStr | None = Field(
        default=None,
        description="Personal access token with Work Items (read & write), Project and Identity (read).",
    )
    auth: Auth | None = Field(default=None, description="Instead of token: signs in with Entra ID.")

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an http(s) address such as https://dev.azure.com/contoso")
        if parts.query or parts.fragment or "_git" in parts.path.split("/"):
            raise ValueError("must be the address of the organisation or collection, nothing behind it")
        return url.rstrip("/")

    @field_validator("token")
    @classmethod
    def _is_not_empty(cls, token: SecretStr | None) -> SecretStr | None:
        if token is None:
            return None
        if not token.get_secret_value().strip():
            raise ValueError("is empty")
        return SecretStr(token.get_secret_value().strip())

    @model_validator(mode="after")
    def _has_one_credential(self) -> Connection:
        if (self.token is None) == (self.auth is None):
            raise ValueError('needs either token = "$ADO_PAT" or an auth table, for Entra ID')
        return self


class Side(BaseModel):
    """`[mappings.left]` or `[mappings.right]` of a mapping whose tracker is an Azure DevOps."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tracker: str = Field(default="", description="Name of the tracker's table.")
    project: str = Field(min_length=1, description="Name of the project.", examples=["Web"])
    types: tuple[str, ...] = Field(
        min_length=1,
        description="Work item types that are synchronised.",
        examples=[["Epic", "User Story", "Bug", "Task"]],
    )
    area_path: str | None = Field(
        default=None,
        description="Only work items in this area or below it; new ones are made in it.",
        examples=["Web\\Frontend"],
    )
    wiql: str | None = Field(
        default=None,
        description="A further WIQL condition that a work item must meet to be taken in. Once taken in it is followed"
        " even if it no longer meets it.",
        examples=["[System.AssignedTo] = @Me"],
    )
    create_type: str | None = Field(
        default=None,
        description="Type of work items made from items without a mapped type; one of `types`, by default the last.",
    )

    @field_validator("area_path")
    @classmethod
    def _field_form_of_area(cls, path: str | None) -> str | None:
        """Work items hold paths without the leading backslash of the classification nodes (FACTS ado 7.22)."""
        return path.strip("\\ ") or None if path is not None else None

    @field_validator("wiql")
    @classmethod
    def _blank_is_no_condition(cls, condition: str | None) -> str | None:
        return condition.strip() or None if condition is not None else None

    @model_validator(mode="after")
    def _create_type_is_covered(self) -> Side:
        known = {name.casefold() for name in self.types}
        if self.create_type is not None and self.create_type.casefold() not in known:
            near = (get_close_matches(self.create_type, self.types, n=1, cutoff=0) or self.types)[0]
            named = ", ".join(self.types)
            raise ValueError(f'create_type "{self.create_type}" is none of types ({named}); did you mean "{near}"?')
        return self
