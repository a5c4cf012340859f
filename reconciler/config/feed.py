"""The [feed] table: where every change is delivered to."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from reconciler.config.table import Table

SHORTEST = 16


class FeedTable(Table):
    url: SecretStr | None = Field(default=None, description="Address that every change is posted to.")
    secret: SecretStr | None = Field(default=None, description='What signs them, as a secret: "$FEED_SECRET".')
    attempts: int = Field(default=5, ge=1, le=100, description="A change refused so often is put aside.")

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: SecretStr | None) -> SecretStr | None:
        parts = urlsplit(url.get_secret_value()) if url is not None else None
        if parts is not None and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("must be an http(s) address such as https://example.com/changes")
        return url

    @field_validator("secret")
    @classmethod
    def _is_long(cls, secret: SecretStr | None) -> SecretStr | None:
        value = secret.get_secret_value() if secret is not None else None
        if value is not None and len(value) < SHORTEST and not value.startswith("$"):  # one that is not set is told
            raise ValueError(f"must have {SHORTEST} characters or more")
        return secret

    @model_validator(mode="after")
    def _is_signed(self) -> FeedTable:
        if self.url is not None and self.secret is None:
            raise ValueError('url needs secret = "$FEED_SECRET", to sign what is sent')
        return self
