"""Bad input gets one clear sentence with what, where and how to fix it; all problems of a file at once."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import jsonschema_rs
import pytest

from reconciler.config import Config, load
from reconciler.config.lines import line_numbers
from reconciler.config.schema import json_schema
from reconciler.errors import ConfigError
from reconciler.log import redact
from reconciler.model.field import LINKS
from reconciler.model.policy import Direction, OnDelete, Rule
from tests.conftest import ROOT

GOOD = """\
version = 1

[store]
url = "sqlite:///data/reconciler.db"

[trackers.ado]
kind = "azure-devops"
url = "https://dev.azure.com/contoso"
token = "$ADO_PAT"

[trackers.clickup]
kind = "clickup"
workspace = "9013012345"
token = "file:token.txt"

[[mappings]]
name = "web"
poll_every = "30s"

[mappings.left]
tracker = "ado"
project = "Web"
types = ["Bug", "Task"]

[mappings.right]
tracker = "clickup"
list = 901100200300

[mappings.states]
"Active" = ["in progress", "blocked"]
"Closed" = "complete"

[mappings.conflicts]
description = "hold"

[mappings.fields]
priority = "to-right"

[mappings.people]
"Jane@contoso.example.com" = "jane.doe@agency.example.com"
"""

ENVIRON = {"ADO_PAT": "pat-of-a-test"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "token.txt").write_text("pk_1_TEST\n")
    return tmp_path


def read(folder: Path, text: str = GOOD, environ: dict[str, str] | None = None) -> Config:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, ENVIRON if environ is None else environ)


def problems(folder: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        read(folder, text, environ)
    return list(refused.value.problems)


def test_a_complete_file_becomes_values(folder: Path) -> None:
    config = read(folder)
    [mapping] = config.mappings
    assert config.store.url == f"sqlite:///{folder}/data/reconciler.db"
    assert (mapping.poll_every, mapping.sweep_every) == (timedelta(seconds=30), timedelta(hours=24))
    policy = mapping.policy
    assert policy.states == {"Active": ("in progress", "blocked"), "Closed": ("complete",)}
    assert policy.rule_for("description") is Rule.HOLD
    assert policy.rule_for("title") is Rule.NEWEST
    assert policy.direction_of("priority") is Direction.TO_RIGHT
    assert policy.on_delete is OnDelete.CLOSE
    assert policy.people == {"jane@contoso.example.com": "jane.doe@agency.example.com"}
    assert config.warnings == ()


def test_secrets_come_from_environment_and_files_and_are_never_shown(folder: Path) -> None:
    config = read(folder)
    assert config.trackers["ado"].token.get_secret_value() == "pat-of-a-test"  # type: ignore[attr-defined]
    assert config.trackers["clickup"].token.get_secret_value() == "pk_1_TEST"  # type: ignore[attr-defined]
    assert "pat-of-a-test" not in repr(config)
    assert "pk_1_TEST" not in repr(config)


def test_environment_overrides_store_and_log_level(folder: Path) -> None:
    environ = {**ENVIRON, "DATABASE_URL": "postgresql://u:secret-word@db.example.com/r", "LOG_LEVEL": "debug"}
    config = read(folder, environ=environ)
    assert config.store.url == "postgresql://u:secret-word@db.example.com/r"
    assert config.log.level == "DEBUG"
    assert "secret-word" not in repr(config)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("LOG_LEVEL", "chatty", "must be one of"), ("DATABASE_URL", "oracle://u:secret-word@h/r", "must begin with")],
)
def test_a_mistake_in_the_environment_names_the_variable(folder: Path, name: str, value: str, expected: str) -> None:
    [problem] = problems(folder, GOOD, {**ENVIRON, name: value})
    assert problem.startswith(f"the environment variable {name}: {expected}")
    assert "secret-word" not in problem


def change(before: str, after: str) -> str:
    assert before in GOOD
    return GOOD.replace(before, after)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            change('"jane.doe@agency.example.com"', '"Jane Doe"'),
            'mappings[0].people: "Jane Doe" is not an e-mail address; people are paired by those, not by their names',
        ),
        (
            change("poll_every", "pol_every"),
            'config.toml:18: mappings[0].pol_every: unknown key; did you mean "poll_every"?',
        ),
        (change('"30s"', '"30 seconds"'), 'config.toml:18: mappings[0].poll_every: must be a duration such as "30s"'),
        (change('"30s"', '"1s"'), "config.toml:18: mappings[0].poll_every: must be at least 5s"),
        (change('"30s"', '"99999999999d"'), "config.toml:18: mappings[0].poll_every: is longer than anything lasts"),
        (
            change('poll_every = "30s"', 'sweep_every = "0s"'),
            "config.toml:18: mappings[0].sweep_every: must be at least 1m",
        ),
        (
            change('kind = "clickup"', 'kind = ["clickup"]'),
            "config.toml:12: trackers.clickup.kind: unknown tracker kind",
        ),
        (
            change('kind = "clickup"', 'kind = "clikup"'),
            'config.toml:12: trackers.clickup.kind: unknown tracker kind "clikup"; did you mean "clickup"?',
        ),
        (
            change('tracker = "clickup"', 'tracker = "clickupp"'),
            'config.toml:26: mappings[0].right.tracker: there is no [trackers.clickupp]; did you mean "clickup"?',
        ),
        (change("list = 901100200300", 'list = "abc"'), "config.toml:27: mappings[0].right.list:"),
        (change("list = 901100200300", ""), "mappings[0].right: exactly one of list, folder or space must be given"),
        (change("project", "projekt"), 'mappings[0].left.projekt: unknown key; did you mean "project"?'),
        (change('types = ["Bug", "Task"]', "types = []"), "config.toml:23: mappings[0].left.types:"),
        (change('description = "hold"', 'description = "mine"'), "mappings[0].conflicts.description: must be one of"),
        (
            change('priority = "to-right"', 'prio = "to-right"'),
            'mappings[0].fields.prio: unknown key; did you mean "priority"?',
        ),
        (change("version = 1", "version = 2"), "config.toml:1: version: must be one of 1"),
        (
            change('token = "file:token.txt"', 'token = "file:none.txt"'),
            "config.toml:14: trackers.clickup.token: the file",
        ),
        (
            change('url = "https://dev.azure.com/contoso"', 'url = "contoso"'),
            "config.toml:8: trackers.ado.url: must be an http(s) address",
        ),
        (change("[mappings.left]", '[mappings.left]\ntimezone = "x"'), "mappings[0].left.timezone: unknown key"),
        (change('poll_every = "30s"', 'timezone = "Mars/Olympus"'), '"Mars/Olympus" is not a time zone'),
        (
            change('"Closed" = "complete"', '"Closed" = []'),
            "config.toml:31: mappings[0].states.Closed: needs at least one status on the right",
        ),
        (
            change('"Closed" = "complete"', '"Closed" = "complete"\n[mappings.types.Bug]\nstates = { New = [] }'),
            "mappings[0].types.Bug.states.New: needs at least one status on the right",
        ),
        (change("sqlite:///data", "oracle://data"), "config.toml:4: store.url: must begin with sqlite:///"),
    ],
)
def test_every_mistake_is_one_sentence_with_line_path_and_fix(folder: Path, text: str, expected: str) -> None:
    found = problems(folder, text)
    assert len(found) == (2 if "projekt" in text else 1), found  # a misspelt required key is also missing
    assert any(expected in problem for problem in found), found
    assert all("\n" not in problem for problem in found)


def test_all_problems_come_at_once_in_the_order_of_the_file(folder: Path) -> None:
    text = change("poll_every", "pol_every").replace("$ADO_PAT", "$NOWHERE").replace('kind = "clickup"', 'kind = "x"')
    found = problems(folder, text)
    lines = [int(problem.split(":")[1]) for problem in found]
    assert lines == sorted(lines)
    assert [line for line in lines if line in (9, 12, 18)] == [9, 12, 18]
    assert "the environment variable NOWHERE is not set" in found[0]


def test_a_wrong_secret_is_never_part_of_a_problem(folder: Path) -> None:
    (folder / "token.txt").write_text("pk_secret_value_of_mine")
    text = change('workspace = "9013012345"', 'workspace = "nine"')
    assert not any("pk_secret_value_of_mine" in problem for problem in problems(folder, text))


def test_two_mappings_may_not_cover_the_same_items(folder: Path) -> None:
    second = GOOD[GOOD.index("[[mappings]]") :].replace('"web"', '"again"')
    found = problems(folder, f"{GOOD}\n{second}")
    assert any("mappings[1].right" in p and 'covers the same items as mapping "web"' in p for p in found)
    assert any("mappings[1].left" in p for p in found)


def test_a_mapping_may_not_join_a_place_with_itself(folder: Path) -> None:
    text = GOOD.replace(
        'tracker = "ado"\nproject = "Web"\ntypes = ["Bug", "Task"]', 'tracker = "clickup"\nlist = 901100200300'
    )
    [problem] = problems(folder, text)
    assert "mappings[0].right: covers the same items as the left side" in problem


def test_mapping_names_are_unique(folder: Path) -> None:
    second = GOOD[GOOD.index("[[mappings]]") :].replace('"Web"', '"Shop"').replace("901100200300", "901100200301")
    assert any('"web" is used twice' in problem for problem in problems(folder, f"{GOOD}\n{second}"))


def test_settings_without_effect_are_accepted_with_a_warning(folder: Path) -> None:
    text = GOOD.replace("[mappings.left]", 'settle = "2m"\n[mappings.left]', 1)
    [warning] = read(folder, text).warnings
    assert "settle" in warning


def test_one_key_is_about_all_links_between_items(folder: Path) -> None:
    text = GOOD.replace('priority = "to-right"', 'links = "to-right"')
    [mapping] = read(folder, text).mappings
    assert {mapping.policy.direction_of(name) for name in LINKS} == {"to-right"}
    assert "links" not in mapping.policy.directions


def test_custom_fields_are_pairs_of_names_each_in_one_pair_only(folder: Path) -> None:
    pair = '\n[[mappings.custom_fields]]\nleft = "Custom.Severity"\nright = "Severity"\n'
    text = GOOD + pair + 'direction = "to-right"\nvalues = { "1 - Critical" = "critical" }\n'
    [mapping] = read(folder, text).mappings
    [field] = mapping.policy.custom_fields
    assert (field.left, field.right, field.direction) == ("Custom.Severity", "Severity", "to-right")
    assert field.values == {"1 - Critical": "critical"}
    assert any('"Custom.Severity" is joined twice on the left' in problem for problem in problems(folder, text + pair))


def test_a_byte_order_mark_in_front_does_no_harm(folder: Path) -> None:
    (folder / "config.toml").write_text(GOOD, encoding="utf-8-sig")
    assert load(folder / "config.toml", ENVIRON).names == ("web",)


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "there is no such file"), (b"version = ", "not valid TOML"), (b"\xff\xfe", "cannot be read")],
)
def test_a_file_that_cannot_be_read_is_one_sentence(folder: Path, content: bytes | None, expected: str) -> None:
    path = folder / "other.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        load(path, ENVIRON)
    assert expected in str(refused.value)
    assert len(refused.value.problems) == 1


def test_lines_are_found_below_nested_tables() -> None:
    text = 'a = 1\n[[m]]\nn = 1\n[m.left]\nx = 1\n[[m]]\n[m.types."Big Bug"]\nright = "B"\n[[m.custom]]\nleft = 1\n'
    lines = line_numbers(text)
    assert lines[("a",)] == 1
    assert lines[("m", 0, "left", "x")] == 5
    assert lines[("m", 1, "types", "Big Bug", "right")] == 8
    assert lines[("m", 1, "custom", 0, "left")] == 10


def test_the_json_schema_knows_every_tracker_and_refuses_unknown_keys() -> None:
    schema = json_schema()
    assert schema["additionalProperties"] is False
    assert {"azure-devops-connection", "clickup-connection", "azure-devops-side", "clickup-side"} <= schema[
        "$defs"
    ].keys()
    assert schema["properties"]["trackers"]["additionalProperties"]["oneOf"]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (GOOD, None),
        ((ROOT / "config.toml").read_text(encoding="utf-8"), None),
        (f'{GOOD}\n[mappings.types.Bug]\nstates = {{ New = "to do", Active = ["doing", "blocked"] }}', None),
        (GOOD.replace("poll_every", "pol_every"), ["mappings", 0]),
        (GOOD.replace('"azure-devops"', '"azure"'), ["trackers", "ado"]),
        (GOOD.replace("list = 901100200300", "list = true"), ["mappings", 0, "right"]),
    ],
    ids=["good", "config.toml", "types", "unknown key", "unknown kind", "wrong value"],
)
def test_an_editor_flags_what_the_program_refuses_and_nothing_else(text: str, at: list[str | int] | None) -> None:
    validator = jsonschema_rs.validator_for(json_schema())
    found = [error.instance_path for error in validator.iter_errors(tomllib.loads(text))]
    assert found == ([] if at is None else [at])


@pytest.mark.parametrize(("text", "size"), [("500kB", 500_000), ("60 MB", 60_000_000), ("1gb", 1_000_000_000)])
def test_sizes_have_a_unit(folder: Path, text: str, size: int) -> None:
    config = read(folder, GOOD.replace("[[mappings]]", f'[[mappings]]\nattachment_limit = "{text}"'))
    assert config.mappings[0].policy.attachment_bytes_max == size


@pytest.mark.parametrize("text", ['"1"', "1000", '"1 GiB"', '"-1MB"', '""'])
def test_a_size_without_a_unit_that_is_known_is_refused(folder: Path, text: str) -> None:
    found = problems(folder, GOOD.replace("[[mappings]]", f"[[mappings]]\nattachment_limit = {text}"))
    assert any('must be a size such as "500kB", "60MB" or "1GB"' in problem for problem in found)


def test_attachments_are_carried_both_ways_up_to_a_gigabyte_by_default(folder: Path) -> None:
    policy = read(folder, GOOD).mappings[0].policy
    assert policy.attachment_bytes_max == 1_000_000_000
    assert all(policy.travels("attachments", side) for side in ("left", "right"))


def test_addresses_of_channels_are_secrets_of_the_environment(folder: Path) -> None:
    text = GOOD.replace("[store]", '[alerts]\nurls = ["$HOOK"]\ndigest_at = "08:00"\n\n[store]')
    config = read(folder, text, {**ENVIRON, "HOOK": "json://example.com/T0canary0000"})
    assert config.alerts.urls[0].get_secret_value() == "json://example.com/T0canary0000"
    assert "canary" not in repr(config)
    assert "canary" not in redact("POST /T0canary0000 failed")
    assert any("HOOK is not set" in problem for problem in problems(folder, text))


@pytest.mark.parametrize("at", ["8 o'clock", "25:00", "08:00+01:00"])
def test_a_digest_has_a_time_of_day(folder: Path, at: str) -> None:
    found = problems(folder, GOOD.replace("[store]", f'[alerts]\ndigest_at = "{at}"\n\n[store]'))
    assert any("alerts.digest_at: must be a time of day" in problem for problem in found)


def test_secrets_may_be_credentials_of_the_service(folder: Path) -> None:
    text = GOOD.replace('"$ADO_PAT"', '"credential:ado-pat"')
    (folder / "ado-pat").write_text("canary-0123456789\n")
    config = read(folder, text, {**ENVIRON, "CREDENTIALS_DIRECTORY": str(folder)})
    assert config.trackers["ado"].token.get_secret_value() == "canary-0123456789"  # type: ignore[attr-defined]
    [missing] = problems(folder, text, {**ENVIRON, "CREDENTIALS_DIRECTORY": str(folder / "other")})
    assert "trackers.ado.token: the file" in missing
    [nowhere] = problems(folder, text)
    assert "LoadCredential=ado-pat:/path" in nowhere
