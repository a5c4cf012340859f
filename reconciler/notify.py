"""Notify: hands a message to one channel, through Apprise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b

from pydantic import SecretStr

from reconciler import log
from reconciler.errors import ConfigError

Send = Callable[[str, str], bool]
"""Given a title and a body; whether the channel took them. Never raises."""

logger = log.get_logger(__name__)


def channels(urls: Sequence[SecretStr]) -> dict[str, Send]:
    """A sender by channel; the name of a channel tells nothing of its address. Raises ConfigError where Apprise is not
    installed, or knows nothing of such an address."""
    found, problems = {}, []
    for index, url in enumerate(urls):
        address = url.get_secret_value()
        try:
            found[blake2b(address.encode(), digest_size=8).hexdigest()] = _sender(address)
        except ValueError:
            problems.append(
                f"alerts.urls[{index}]: not an address that Apprise knows, such as slack://… or mailto://…;"
                " see https://github.com/caronc/apprise/wiki"
            )
    if problems:
        raise ConfigError(problems)
    return found


def _sender(address: str) -> Send:
    try:
        import apprise
    except ImportError:
        raise ConfigError(
            ["alerts: sending alerts needs Apprise, which is not installed; pip install 'reconciler[notify]'"]
        ) from None
    channel = apprise.Apprise()
    if not channel.add(address):
        raise ValueError

    def send(title: str, body: str) -> bool:
        try:
            return bool(
                channel.notify(title=log.redact(title), body=log.redact(body), body_format=apprise.NotifyFormat.TEXT)
            )
        except Exception as error:  # a plugin's own mistake; an alert must never stop what it is about
            logger.warning("alert failed", problem=f"{type(error).__name__}: {error}")
            return False

    return send
