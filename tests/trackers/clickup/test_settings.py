"""What the configuration may say about ClickUp, and how mistakes are named."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.trackers.clickup import Connection, Place, Side, overlap, scope

CONNECTION = {"kind": "clickup", "url": "https://api.clickup.com", "workspace": "9013012345", "token": "pk_1_ABC"}


def connection(**changes: Any) -> Connection:
    return Connection.model_validate({**CONNECTION, **changes})


def test_ids_may_be_written_with_and_without_quotes() -> None:
    assert connection(workspace=9013012345).workspace == "9013012345"
    assert Side.model_validate({"list": 901}).list == Side.model_validate({"list": "901"}).list == "901"


@pytest.mark.parametrize("token", ["pk_1_ABC", " pk_1_ABC\n", "Bearer pk_1_ABC", "bearer  pk_1_ABC"])
def test_a_pasted_token_is_cleaned(token: str) -> None:
    assert connection(token=token).token.get_secret_value() == "pk_1_ABC"


@pytest.mark.parametrize(
    "url", ["https://api.clickup.com/", "https://api.clickup.com/api", "https://api.clickup.com/api/v2"]
)
def test_the_address_is_that_of_the_service(url: str) -> None:
    assert connection(url=url).url == "https://api.clickup.com"


def test_the_token_is_never_shown() -> None:
    assert "ABC" not in repr(connection()) + str(connection()) + connection().model_dump_json()


@pytest.mark.parametrize(
    "changes",
    [
        {"token": " "},
        {"token": "Bearer "},
        {"url": "clickup"},
        {"workspace": "ws"},
        {"requests_per_minute": 1},
        {"tokn": 1},
    ],
)
def test_mistakes_in_a_connection_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        connection(**changes)
    assert refused.value.errors()[0]["loc"] == tuple(changes)


@pytest.mark.parametrize(
    ("side", "place"),
    [
        ({"list": "1"}, Place("list", "1", "1")),
        ({"list": "1", "create_list": "1"}, Place("list", "1", "1")),
        ({"folder": "2", "create_list": "1"}, Place("folder", "2", "1")),
        ({"space": "3", "create_list": "1"}, Place("space", "3", "1")),
    ],
)
def test_a_side_is_a_list_a_folder_or_a_space(side: dict[str, str], place: Place) -> None:
    assert scope(Side.model_validate(side)) == place
    assert place.name == f"{place.kind} {place.id}"


@pytest.mark.parametrize(
    ("side", "sentence"),
    [
        ({}, "exactly one of list, folder or space must be given, not none of them"),
        ({"list": "1", "space": "2"}, "not list and space"),
        ({"folder": "1"}, "create_list is needed with folder"),
        ({"list": "1", "create_list": "2"}, "create_list must be left out"),
        ({"list": True}, "valid string"),
        ({"list": "abc"}, "match"),
        ({"list": "1", "project": "x"}, "Extra inputs"),
    ],
)
def test_mistakes_in_a_side_are_named(side: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Side.model_validate(side)


@pytest.mark.parametrize(
    ("one", "two", "together"),
    [
        ({"list": "1"}, {"list": "1"}, True),
        ({"list": "1"}, {"list": "2"}, False),
        ({"folder": "5", "create_list": "1"}, {"folder": "5", "create_list": "2"}, True),
        ({"folder": "5", "create_list": "1"}, {"list": "1"}, True),
        ({"folder": "5", "create_list": "1"}, {"space": "5", "create_list": "2"}, False),
        ({"space": "7", "create_list": "1"}, {"folder": "5", "create_list": "1"}, True),
    ],
)
def test_sides_overlap_where_a_list_is_certainly_in_both(
    one: dict[str, str], two: dict[str, str], together: bool
) -> None:
    first, second = Side.model_validate(one), Side.model_validate(two)
    assert overlap(first, second) is together
    assert overlap(second, first) is together
