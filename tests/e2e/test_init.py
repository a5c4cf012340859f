"""`init` as a newcomer meets it: real servers, answers from the environment, from flags, or from somebody who errs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.cli.asking import position
from reconciler.cli.beginning import answered, choose, enter
from reconciler.cli.exit_codes import for_error
from reconciler.clock import VirtualClock
from reconciler.errors import ConfigError, ReconcilerError
from reconciler.model.side import Side
from reconciler.start import Chosen, Doorway, write
from tests.e2e.conftest import Bench


@pytest.fixture
def newcomer(bench: Bench) -> Bench:
    """Nothing but two tokens."""
    url = tomllib.loads(bench.text)["trackers"]
    bench.config.unlink()
    bench.environ |= {
        "ADO_PAT": bench.environ.pop("TEST_ADO_TOKEN"),
        "ADO_ORGANIZATION": url["ado"]["url"],
        "CLICKUP_API_TOKEN": bench.environ.pop("TEST_CLICKUP_TOKEN"),
        "CLICKUP_URL": url["clickup"]["url"],
    }
    return bench


def left_alone(bench: Bench) -> bool:
    return list(bench.folder.iterdir()) == [] and bench.azure.log.writes == bench.clickup_log.writes == 0


def test_the_environment_is_enough_and_sync_works_with_what_was_written(newcomer: Bench) -> None:
    newcomer.mara.create("Web", "Bug", "Basket is empty")
    ended = newcomer.run("init")
    assert ended.code == 0, ended.err
    assert "1 creates" in ended.out
    text = newcomer.config.read_text(encoding="utf-8")
    for token in (newcomer.environ["ADO_PAT"], newcomer.environ["CLICKUP_API_TOKEN"]):
        assert token not in text + ended.out + ended.err
    assert text.startswith("#:schema ./config.schema.json\n")
    assert sorted(path.name for path in newcomer.folder.iterdir()) == ["config.schema.json", "config.toml"]
    assert newcomer.azure.log.writes == newcomer.clickup_log.writes == 0
    assert newcomer.run("sync", "--yes").code == 0
    assert newcomer.titles() == (["Basket is empty"], ["Basket is empty"])


def test_a_file_that_is_there_is_never_overwritten_unasked(newcomer: Bench) -> None:
    newcomer.config.write_text("# mine", encoding="utf-8")
    ended = newcomer.run("init")
    assert (ended.code, newcomer.config.read_text(encoding="utf-8")) == (2, "# mine")
    assert "--force" in ended.err
    assert newcomer.run("init", "--force").code == 0
    assert 'project = "Web"' in newcomer.config.read_text(encoding="utf-8")


def test_a_folder_that_is_not_there_is_told_before_anything_is_asked(newcomer: Bench) -> None:
    newcomer.config = newcomer.folder / "missing" / "config.toml"
    ended = newcomer.run("init")
    assert (ended.code, "there is no folder" in ended.err) == (2, True)
    assert left_alone(newcomer)


def attempt(bench: Bench, changes: Mapping[str, str], places: Mapping[Side, str]) -> dict[Side, Chosen]:
    """As `init` does, with nobody to ask and no time lost."""
    environ, clock = {**bench.environ, **changes}, CLOCK
    kinds: dict[Side, tuple[str, str]] = {"left": ("azure-devops", "project"), "right": ("clickup", "list")}
    doors: dict[Side, Doorway] = {
        side: enter(kind, kind, answered(kind, environ, {key: places[side]} if side in places else {}), clock, None)
        for side, (kind, key) in kinds.items()
    }
    return choose(doors, clock, None)


@pytest.mark.parametrize(
    ("changes", "places", "code", "sentence"),
    [
        ({"ADO_PAT": "wrong"}, {}, 3, "token"),
        ({"CLICKUP_API_TOKEN": "pk_wrong"}, {}, 3, "token"),
        ({"ADO_PAT": ""}, {}, 2, "set ADO_PAT"),
        ({"ADO_ORGANIZATION": "http://127.0.0.1:9/contoso"}, {}, 1, "127.0.0.1:9"),
        ({"CLICKUP_URL": "nonsense"}, {}, 2, "must be an http(s) address"),
        ({"CLICKUP_WORKSPACE_ID": "1"}, {}, 2, "it has access to"),
        ({"ADO_PROJECT": "Wep"}, {}, 2, 'did you mean "Web"?'),
        ({}, {"right": "Nowhere"}, 2, 'no List "Nowhere"'),
    ],
)
def test_a_mistake_is_one_sentence_of_the_right_code(
    newcomer: Bench, changes: dict[str, str], places: dict[Side, str], code: int, sentence: str
) -> None:
    with pytest.raises(ReconcilerError) as refused:
        attempt(newcomer, changes, places)
    assert for_error(refused.value) == code
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_mistake_leaves_nothing_behind(newcomer: Bench) -> None:
    newcomer.environ["ADO_PAT"] = "wrong"
    ended = newcomer.run("init", "--yes")
    assert (ended.code, len(ended.err.strip().splitlines())) == (3, 1)
    assert left_alone(newcomer)


def test_with_several_places_one_must_be_named(newcomer: Bench) -> None:
    newcomer.azure.add_project("Mobile")
    newcomer.clickup.add_list(newcomer.list.folder.space, "Mobile app")
    with pytest.raises(ConfigError, match="which project is meant is not clear; name it with --left-place or ADO_PROJ"):
        attempt(newcomer, {}, {})
    chosen = attempt(newcomer, {"ADO_PROJECT": "Mobile"}, {})
    assert chosen["right"].place.title == "Mobile app (Product)"


CLOCK = VirtualClock(datetime(2026, 3, 2, tzinfo=UTC))


class Script:
    """Answers in the order given; remembers what it was told."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.heard: list[str] = []

    def text(self, asks: str, hint: str = "", default: str = "", *, secret: bool = False) -> str:
        return self.answers.pop(0) or default

    def choose(self, asks: str, options: Sequence[str], default: int) -> int:
        answer = self.answers.pop(0)
        found = position(answer, options) if answer else default
        assert found is not None
        return found

    def yes(self, asks: str) -> bool:
        return True

    def say(self, sentence: str) -> None:
        self.heard.append(sentence)


def test_after_a_mistake_the_question_comes_again_with_the_earlier_answers(newcomer: Bench) -> None:
    environ: Mapping[str, str] = newcomer.environ
    script = Script("http://127.0.0.1:9/contoso", "wrong", environ["ADO_ORGANIZATION"], "", "", environ["ADO_PAT"])
    door = enter("azure-devops", "ado", {}, CLOCK, script)
    assert [place.name for place in door.places] == ["Web"]
    assert len(script.heard) == 3  # the title, the address, the token
    assert script.answers == []


def test_somebody_chooses_among_workspaces_and_lists(newcomer: Bench) -> None:
    other = newcomer.clickup.add_workspace("Elsewhere")
    bot = next(m for m in newcomer.list.folder.space.workspace.members.values() if m.name == "Sync Bot")
    newcomer.clickup.join(other, bot)
    newcomer.clickup.add_list(newcomer.list.folder.space, "Ideas")
    script = Script("Northwind", "ideas")
    left = enter("azure-devops", "ado", answered("azure-devops", newcomer.environ, {}), CLOCK, script)
    right = enter("clickup", "clickup", answered("clickup", newcomer.environ, {}), CLOCK, script)
    chosen = choose({"left": left, "right": right}, CLOCK, script)
    assert chosen["right"].place.name == "Ideas"
    with pytest.raises(ConfigError, match=r"CLICKUP_WORKSPACE_ID; one of: .*Elsewhere"):
        enter("clickup", "clickup", answered("clickup", newcomer.environ, {}), CLOCK, None)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    with pytest.raises(ConfigError):
        write(path, "version = 2\n", overwrite=False, environ={})
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ConfigError, match="cannot be written"):
        write(tmp_path / "no" / "config.toml", "", overwrite=False)


def test_only_what_one_person_has(newcomer: Bench) -> None:
    chosen = attempt(newcomer, {"ADO_ASSIGNED_TO": "o'neil@example.com"}, {})
    assert chosen["left"].keys["wiql"] == "[System.AssignedTo] = 'o''neil@example.com'"
