"""The tables of the configuration, the scopes they describe, and when two of them cover the same items."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.trackers.azure_devops import Connection, ProjectScope, Side, overlap, scope
from reconciler.trackers.azure_devops.client import identity_base


def side(**changes: Any) -> Side:
    return Side.model_validate({"project": "Web", "types": ["Bug", "Task"], **changes})


def test_the_token_is_never_shown_and_spaces_around_it_do_not_count() -> None:
    connection = Connection.model_validate(
        {"kind": "azure-devops", "url": "https://dev.azure.com/contoso/", "token": " hidden-value\n"}
    )
    assert "hidden-value" not in repr(connection)
    assert connection.token.get_secret_value() == "hidden-value"
    assert connection.url == "https://dev.azure.com/contoso"


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "dev.azure.com/contoso"},
        {"url": "https://dev.azure.com/contoso/Web/_git/repository"},
        {"url": "https://dev.azure.com/contoso?x=1"},
        {"token": "  "},
        {"tokn": "x"},
        {"kind": "clickup"},
    ],
)
def test_a_mistake_in_the_connection_is_refused(changes: dict[str, str]) -> None:
    good = {"kind": "azure-devops", "url": "https://dev.azure.com/contoso", "token": "t"}
    with pytest.raises(ValidationError):
        Connection.model_validate({**good, **changes})


@pytest.mark.parametrize("changes", [{"types": []}, {"project": ""}, {"create_type": "Epic"}, {"areapath": "x"}])
def test_a_mistake_in_a_side_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        side(**changes)


def test_a_scope_takes_paths_in_the_form_that_items_have_and_creates_the_last_type() -> None:
    made = scope(side(area_path="\\Web\\Shop\\", wiql="  "), "Europe/Berlin")
    assert (made.area_path, made.condition, made.create_type) == ("Web\\Shop", None, "Task")
    assert str(made.timezone) == "Europe/Berlin"
    assert made.name == "project Web, area Web\\Shop"
    assert scope(side(create_type="bug")).create_type == "bug"
    assert len({scope(side()), scope(side())}) == 1


def test_a_scope_covers_areas_below_its_own_and_no_neighbours() -> None:
    shop = ProjectScope("Web", ("Bug",), "Bug", "Web\\Shop")
    assert shop.covers("web", "bug", "Web\\Shop")
    assert shop.covers("Web", "Bug", "web\\shop\\Cart")
    assert not shop.covers("Web", "Bug", "Web\\Shopping")
    assert not shop.covers("Web", "Bug", "Web")
    assert not shop.covers("Web", "Task", "Web\\Shop")
    assert not shop.covers("App", "Bug", "Web\\Shop")


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ({}, {}, True),
        ({}, {"project": "web"}, True),
        ({}, {"project": "App"}, False),
        ({}, {"types": ["task", "Epic"]}, True),
        ({}, {"types": ["Epic"]}, False),
        ({}, {"area_path": "Web\\Shop"}, True),
        ({"area_path": "Web\\Shop"}, {"area_path": "Web\\Shop\\Cart"}, True),
        ({"area_path": "Web\\Shop"}, {"area_path": "Web\\Shopping"}, False),
        ({"wiql": "a"}, {"wiql": "b"}, False),
        ({"wiql": "a"}, {"wiql": "a"}, True),
        ({"wiql": "a"}, {}, True),
    ],
)
def test_overlapping_sides_are_recognised(one: dict[str, Any], two: dict[str, Any], expected: bool) -> None:
    assert overlap(side(**one), side(**two)) is expected
    assert overlap(side(**two), side(**one)) is expected


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://dev.azure.com/contoso", "https://vssps.dev.azure.com/contoso"),
        ("https://contoso.visualstudio.com", "https://vssps.dev.azure.com/contoso"),
        ("https://tfs.example.com/tfs/Main", "https://tfs.example.com/tfs/Main"),
        ("http://127.0.0.1:8080/contoso", "http://127.0.0.1:8080/contoso"),
    ],
)
def test_identities_are_looked_up_where_they_live(url: str, base: str) -> None:
    assert identity_base(url) == base
