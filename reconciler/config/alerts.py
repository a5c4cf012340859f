"""The [alerts] table: whom to tell, about what, and when."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator

from reconciler.config.table import Duration, Table, Zone
from reconciler.model.alert import AlertKind, Rules


class AlertsTable(Table):
    urls: tuple[SecretStr, ...] = Field(
        default=(), description='Apprise addresses of channels, as secrets: ["$SLACK_URL"]; needs the extra "notify".'
    )
    on: tuple[AlertKind, ...] = Field(default=tuple(AlertKind), description="What is told.")
    lag_over: Duration = Field(default=timedelta(minutes=15), description="A mapping this far behind is told.")
    doubt_over: Duration = Field(default=timedelta(minutes=30), description="A write in doubt for so long is told.")
    repeat_every: Duration = Field(default=timedelta(hours=24), description="What lasts is told again after so long.")
    digest_at: str = Field(default="", description='Time of day of the daily digest, "08:00"; "" for none.')
    timezone: Zone = Field(default="UTC", description="Whose time of day that is.")

    @field_validator("digest_at")
    @classmethod
    def _is_a_time(cls, text: str) -> str:
        try:
            if text and time.fromisoformat(text).tzinfo is not None:
                raise ValueError
        except ValueError:
            raise ValueError('must be a time of day such as "08:00", or "" for no digest') from None
        return text

    @field_validator("repeat_every")
    @classmethod
    def _is_seldom(cls, every: timedelta) -> timedelta:
        if every < timedelta(minutes=5):
            raise ValueError("must be at least 5m: nobody reads more")
        return every

    @property
    def rules(self) -> Rules:
        return Rules(
            on=frozenset(self.on),
            lag_over=self.lag_over,
            doubt_over=self.doubt_over,
            repeat_every=self.repeat_every,
            digest_at=time.fromisoformat(self.digest_at) if self.digest_at else None,
            zone=ZoneInfo(self.timezone),
        )
