"""Naming: which work item people mean by an address, a label or a number."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from reconciler.model.rich_text import Form, RichText

_ITEM_PATH = re.compile(r"(?:/[^/]+){0,2}/(?:_workitems/edit|_apis/wit/workitems)/(\d+)/?", re.IGNORECASE)
_REFERENCE = re.compile(r"x-mvwit:workitem/(\d+)", re.IGNORECASE)
_SHORT = re.compile(r"(?<![\w#&/\\-])AB#(\d{1,10})(?![\w-])")
_SHORT_IN_MARKDOWN = re.compile(r"(?<![\w#&/\\-])((?:AB)?\\?#)(\d{1,10})(?![\w-])")
_LABEL = re.compile(r"(?:(?:AB)?#)?(\d{1,10})", re.IGNORECASE)


def key_of_page(base_url: str, url: str) -> str | None:
    """Pages and API addresses of work items, in both spellings of a cloud organisation's address; and what its editor
    makes of "#12" in a text."""
    if reference := _REFERENCE.fullmatch(url):
        return reference[1]
    path = inside(base_url, url)
    found = _ITEM_PATH.fullmatch(urlsplit(path).path) if path is not None else None
    return found[1] if found else None


def key_named(base_url: str, text: str) -> str | None:
    """What a person may paste or type: also "AB#12", "#12", "12", and a board with an open work item."""
    label = _LABEL.fullmatch(text)
    if label:
        return label[1]
    path = inside(base_url, text)
    opened = parse_qs(urlsplit(path).query).get("workitem", [""])[0] if path is not None else ""
    return key_of_page(base_url, text) or (opened if opened.isdecimal() else None)


def page_of(base_url: str, key: str) -> str:
    return f"{base_url}/_workitems/edit/{key}"


def short_names(text: RichText) -> dict[str, str]:
    """ "AB#12" anywhere; in Markdown also "#12", which shows as a link (FACTS ado 10.10)."""
    if text.form is Form.MARKDOWN:
        found = _SHORT_IN_MARKDOWN.finditer(text.text)
        return {f"{sign[1].replace(chr(92), '')}{sign[2]}": sign[2] for sign in found}
    return {f"AB#{number}": number for number in _SHORT.findall(text.text)}


def inside(base_url: str, url: str) -> str | None:
    """What follows the organisation's address in an address of it."""
    for base in _spellings(base_url):
        if url.lower().startswith(f"{base}/"):
            return url[len(base) :]
    return None


def _spellings(base_url: str) -> list[str]:
    """The address of an organisation, and its other form in the cloud (FACTS ado 1.1), in lower case."""
    base = base_url.lower()
    parts = urlsplit(base)
    host, organisation = parts.hostname or "", parts.path.strip("/")
    if host == "dev.azure.com":
        return [base, f"https://{organisation}.visualstudio.com"]
    if host.endswith(".visualstudio.com"):
        return [base, f"https://dev.azure.com/{host.removesuffix('.visualstudio.com')}"]
    return [base]


def is_cloud(base_url: str) -> bool:
    """Whether the address is one of Azure DevOps Services, not of a server of one's own (FACTS ado 1.1)."""
    host = (urlsplit(base_url).hostname or "").lower()
    return host == "dev.azure.com" or host.endswith(".visualstudio.com")


def label_of(key: str) -> str:
    return f"AB#{key}"
