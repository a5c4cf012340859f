"""Naming: which task people mean by an address, a label or an id; custom ids (in capitals) do not say."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from reconciler.model.rich_text import RichText

APP_HOST = "app.clickup.com"

_TASK_PATH = re.compile(r"/t/(?:\d+/)?([a-z0-9]+)/?")  # FACTS clickup 5.13; custom ids are in capitals
_CUSTOM_PATH = re.compile(r"/t/\d+/([A-Z][A-Z0-9_]*-\d+)/?")
_SHORT = re.compile(r"(?<![\w#&/\\-])CU-([a-z0-9]{6,20})(?![\w-])")
_LABEL = re.compile(r"(?:CU-|cu-|#)?([a-z0-9]{1,20})")


def key_of_page(base_url: str, url: str) -> str | None:
    """The page of a task, at the service itself or where `base_url` serves."""
    parts = urlsplit(url)
    found = _TASK_PATH.fullmatch(parts.path)
    return found[1] if found and parts.hostname in (APP_HOST, urlsplit(base_url).hostname) else None


def label_at(base_url: str, url: str) -> str:
    """The custom id that the page of a task may show instead of its id; "" otherwise."""
    parts = urlsplit(url)
    found = _CUSTOM_PATH.fullmatch(parts.path)
    return found[1] if found and parts.hostname in (APP_HOST, urlsplit(base_url).hostname) else ""


def page_of(key: str) -> str:
    return f"https://{APP_HOST}/t/{key}"


def short_names(text: RichText) -> dict[str, str]:
    return {f"CU-{key}": key for key in _SHORT.findall(text.text)}


def key_named(base_url: str, text: str) -> str | None:
    """What a person may paste or type: also "CU-86abc", "#86abc" and "86abc"."""
    label = _LABEL.fullmatch(text)
    return label[1] if label else key_of_page(base_url, text)


def label_of(key: str) -> str:
    return f"CU-{key}"
