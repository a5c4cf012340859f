"""What people paste and type, and which item that is."""

from __future__ import annotations

import pytest

from reconciler.model.rich_text import Form, RichText
from reconciler.trackers import azure_devops, clickup
from reconciler.trackers.azure_devops import naming as ado_naming
from reconciler.trackers.registry import key_named

ADO = azure_devops.Connection(kind="azure-devops", url="https://dev.azure.com/contoso", token="secret")  # type: ignore[arg-type]
CLICKUP = clickup.Connection(kind="clickup", workspace="9013012345", token="pk_secret")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("AB#12", "12"),
        ("ab#12", "12"),
        ("#12", "12"),
        ("12", "12"),
        ("https://dev.azure.com/contoso/Web/_workitems/edit/12", "12"),
        ("https://contoso.visualstudio.com/Web/_workitems/edit/12", "12"),
        ("https://dev.azure.com/contoso/Web/_boards/board/t/Web%20Team/Stories?workitem=12", "12"),
        ("https://dev.azure.com/contoso/Web/_boards/board/t/Web%20Team/Stories", None),
        ("https://dev.azure.com/other/Web/_workitems/edit/12", None),
        ("CU-86c7mc19h", None),
        ("AB#", None),
        ("https://[", None),
        ("", None),
    ],
)
def test_a_work_item(text: str, key: str | None) -> None:
    assert key_named(ADO, text) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("CU-86c7mc19h", "86c7mc19h"),
        ("#86c7mc19h", "86c7mc19h"),
        ("86c7mc19h", "86c7mc19h"),
        ("https://app.clickup.com/t/86c7mc19h", "86c7mc19h"),
        ("https://app.clickup.com/t/9013012345/86c7mc19h?comment=901", "86c7mc19h"),
        ("https://dev.azure.com/contoso/Web/_workitems/edit/12", None),
        ("WEB-12", None),
        ("AB#12", None),
        ("https://[", None),
        ("", None),
    ],
)
def test_a_task(text: str, key: str | None) -> None:
    assert key_named(CLICKUP, text) == key


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (RichText(Form.HTML, "AB#12 #13 xAB#14 AB#15x &AB#16"), {"AB#12": "12"}),
        (RichText(Form.MARKDOWN, "AB#12 #13, \\#14 x#15 /#16 C#17"), {"AB#12": "12", "#13": "13", "#14": "14"}),
    ],
)
def test_what_stands_for_a_work_item_in_a_text(text: RichText, names: dict[str, str]) -> None:
    assert ado_naming.short_names(text) == names


def test_what_the_editor_of_azure_devops_makes_of_a_number_names_the_work_item() -> None:
    assert ado_naming.key_of_page(ADO.url, "x-mvwit:workitem/12") == "12"
