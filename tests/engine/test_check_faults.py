"""Planted faults that `check` must find: each is said with what, why and fix, and doing what `fix` says ends it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.check import check
from reconciler.config import load
from reconciler.connections import Connections
from reconciler.errors import ConfigError
from reconciler.model.finding import Finding, Level
from reconciler.simulators.kit.faults import FOREVER
from reconciler.simulators.kit.wire import Request, Response
from tests.support.duo import Duo

CONFIG = """\
version = 1

[trackers.ado]
kind = "azure-devops"
url = "https://dev.azure.com/contoso"
token = "$ADO"

[trackers.clickup]
kind = "clickup"
workspace = "{workspace}"
token = "$CLICKUP"

[[mappings]]
name = "web"
poll_every = "30s"

[mappings.left]
tracker = "ado"
project = "Web"
types = ["User Story", "Bug", "Task"]
area_path = "Web"
wiql = ""
create_type = "Task"

[mappings.right]
tracker = "clickup"
list = "{list}"

[mappings.states]
"New" = "to do"
"Active" = "in progress"
"Resolved" = "in review"
"Closed" = "complete"

[mappings.priorities]
"1" = "urgent"
"2" = "high"

[mappings.people]
"mara.lindqvist@example.com" = "piet.okafor@example.com"

[[mappings.custom_fields]]
left = "Custom.Level"
right = "Level"
values = {{ "1 - High" = "high", "2 - Low" = "low" }}
"""


class Scene:
    """Two simulated trackers, a configuration that fits them, and what `check` says."""

    def __init__(self, folder: Path) -> None:
        self.duo = Duo(folder)
        duo, project = self.duo, self.duo.projects[0]
        level = duo.azure.add_field(project, "Level", "string", allowed=("1 - High", "2 - Low"))
        duo.clickup.add_field(duo.lists[0], "Level", "drop_down", options=("high", "low"))
        duo.clickup.add_field(duo.lists[0], "Due for", "users")
        duo.developer.create(project, "Task", "Somebody has this", {"System.AssignedTo": "mara.lindqvist@example.com"})
        self.path = folder / "config.toml"
        text = CONFIG.format(workspace=duo.workspace.id, list=duo.lists[0].id).replace("Custom.Level", level)
        self.path.write_text(text, encoding="utf-8")
        self.environ = {"ADO": duo.bot.token, "CLICKUP": duo.sync_member.token}
        self.writes_before = (duo.azure.log.writes, duo.clickup_log.writes)

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def write(self, before: str, after: str) -> None:
        assert before in self.text, before
        self.path.write_text(self.text.replace(before, after, 1), encoding="utf-8")

    def check(self) -> list[Finding]:
        """What is not well; mistakes that stop the file from being read too."""
        try:
            config = load(self.path, self.environ)
        except ConfigError as error:
            parts = [problem.rpartition("; ") for problem in error.problems]
            return [
                Finding(Level.ERROR, "file", what or fix, "it cannot be read", fix, "ConfigError")
                for what, _, fix in parts
            ]
        network = {name: self.duo.transport() for name in ("ado", "clickup")}
        connections = Connections(config, self.duo.local, read_only=True, transports=network)
        found = check(config, self.duo.local, connections)
        connections.close()
        return [finding for finding in found if finding.level is not Level.OK]

    def obey(self, finding: Finding) -> None:
        """Does to the file what the fix says: writes its line, or the name that was meant."""
        meant = re.search(r'did you mean "([^"]+)"\?', finding.fix)
        wrong = [name for name in re.findall(r'"([^"]+)"', finding.what) if f'"{name}"' in self.text]
        if meant:
            self.write(f'"{wrong[-1]}"', f'"{meant[1]}"')
            return
        line = re.search(r'((?:"[^"]+"|\w+) = (?:"[^"]*"|\[[^]]*\]|\{[^}]*\}))', finding.fix)
        assert line, finding.fix
        key = line[1].split(" = ")[0]
        lines = self.text.splitlines()
        at = [n for n, old in enumerate(lines) if old.startswith(f"{key} = ")]
        at = at or [n for n, old in enumerate(lines) if any(name in old for name in wrong)]
        lines[at[0]] = line[1]
        self.path.write_text("\n".join(lines) + "\n", encoding="utf-8")


Act = Callable[[Scene], object]


@dataclass(frozen=True)
class Fault:
    """`plant` breaks something, `seen` is what `check` must say and `told` what its fix must; `mend` is the step that
    the fix asks for where it is not a line of the file."""

    name: str
    plant: Act
    seen: str
    told: str = ""
    mend: Act | None = None


def line(before: str, after: str) -> Act:
    return lambda scene: scene.write(before, after)


def forbidden(request: Request) -> Response:
    body = b'{"message": "TF401027: You need the permission to view deleted work items.", "typeKey": "X"}'
    return Response(403, {"content-type": "application/json"}, body)


def hide_bin(scene: Scene) -> None:
    scene.duo.azure.faults.inject("bin", "/recyclebin/", on_request=forbidden, times=FOREVER)


def may_only_read(scene: Scene) -> None:
    scene.environ["ADO"] = scene.duo.azure.issue_token(scene.duo.bot, write=False)


def read_only_list(scene: Scene) -> None:
    def lower(_request: Request, response: Response) -> Response:
        body = response.body.replace(b'"permission_level": "create"', b'"permission_level": "read"')
        return Response(response.status, response.headers, body.replace(b'level":"create"', b'level":"read"'))

    scene.duo.clickup_service.faults.inject("right", "GET .*/list/[0-9]+$", on_response=lower, times=FOREVER)


def heal(scene: Scene) -> None:
    for faults in (scene.duo.azure.faults, scene.duo.clickup_service.faults):
        for fault in list(faults._faults):
            fault.cancel()


def set_token(name: str, good: bool) -> Act:
    def act(scene: Scene) -> None:
        token = scene.duo.bot.token if name == "ADO" else scene.duo.sync_member.token
        scene.environ[name] = token if good else "pk_1_WRONG"

    return act


def archive(value: bool) -> Act:
    return lambda scene: setattr(scene.duo.lists[0], "archived", value)


def skew(seconds: float) -> Act:
    return lambda scene: setattr(scene.duo.local, "ahead_s", seconds)


def join_people_with_choices(scene: Scene) -> None:
    scene.write('right = "Level"', 'right = "Due for"')
    scene.write('values = { "1 - High" = "high", "2 - Low" = "low" }\n', "")


def join_right(scene: Scene) -> None:
    scene.write('right = "Due for"', 'right = "Level"\nvalues = { "1 - High" = "high", "2 - Low" = "low" }')


def twice(scene: Scene) -> None:
    block = scene.text[scene.text.index("[[mappings]]") :].replace('name = "web"', 'name = "again"')
    scene.path.write_text(scene.text + "\n" + block, encoding="utf-8")


def once(scene: Scene) -> None:
    scene.path.write_text(scene.text[: scene.text.rindex("[[mappings]]")], encoding="utf-8")


VALUES = 'values = { "1 - High" = "high", "2 - Low" = "low" }'
ADDRESS = "https://dev.azure.com/contoso"

FAULTS = (
    Fault("token of the left", set_token("ADO", False), "token", "new token", set_token("ADO", True)),
    Fault("token of the right", set_token("CLICKUP", False), "token", "new token", set_token("CLICKUP", True)),
    Fault("no right to write", may_only_read, "can be made", "read & write", set_token("ADO", True)),
    Fault("no right in the List", read_only_list, 'only the right to "read"', "share the List", heal),
    Fault("recycle bin", hide_bin, "recycle bin cannot be read", "view deleted work items", heal),
    Fault("project", line('project = "Web"', 'project = "Wep"'), 'no project "Wep"', 'project = "Web"'),
    Fault("List", line('list = "', 'list = "7'), "no List", 'list = "'),
    Fault("List archived", archive(True), "is archived", "restore it", archive(False)),
    Fault("workspace", line('workspace = "', 'workspace = "7'), "no access to workspace", 'workspace = "'),
    Fault("address", line(ADDRESS, "https://dev.azure.con/contoso"), "dev.azure.con", "[trackers.ado] url",
          line("https://dev.azure.con/contoso", ADDRESS)),
    Fault("no address", line(ADDRESS, "dev.azure.com/contoso"), "url", "https://dev.azure.com/contoso",
          line("dev.azure.com/contoso", ADDRESS)),
    Fault("type", line('"Bug"', '"Bugg"'), 'no work item type "Bugg"', 'types = ["User Story", "Bug", "Task"]'),
    Fault("create_type", line('create_type = "Task"', 'create_type = "Taks"'), "create_type", 'mean "Task"'),
    Fault("area", line('area_path = "Web"', "area_path = 'Web\\Nowhere'"), "area path", 'area_path = "Web"'),
    Fault("wiql", line('wiql = ""', 'wiql = "[System.Nothing] = 1"'), "condition", 'wiql = ""'),
    Fault("state", line('"Active" =', '"Aktive" ='), '"Aktive" does not exist on the left', 'mean "Active"'),
    Fault("status", line('"in review"', '"in revue"'), '"in revue" does not exist on the right', 'mean "in review"'),
    Fault("priority", line('"urgent"', '"urgant"'), '"urgant" does not exist on the right', 'mean "urgent"'),
    Fault("field", line('right = "Level"', 'right = "Levels"'), '"Levels" does not exist on the right', 'mean "Level"'),
    Fault("kinds", join_people_with_choices, "cannot be joined", "fields that hold the same", join_right),
    Fault("option", line('"1 - High" = "high"', '"1 - High" = "hihg"'), '"hihg" is no option', 'mean "high"'),
    Fault("no counterpart", line(VALUES, 'values = { "2 - Low" = "low" }'), "no counterpart", '"1 - High" = "high"'),
    Fault("person", line("piet.okafor@", "piet.okafro@"), "piet.okafro@example.com", "piet.okafor@example.com"),
    Fault("person of the left", line('"mara.lind', '"mara.lynd'), "mara.lyndqvist", "mara.lindqvist@example.com"),
    Fault("clock", skew(600), "600 s ahead", "synchronise its clock", skew(0)),
    Fault("budget", line("token = \"$CLICKUP\"", 'token = "$CLICKUP"\nrequests_per_minute = 2'),
          "of 2 requests a minute", 'poll_every = "60s"'),
    Fault("the same twice", twice, "covers the same items", "one mapping only", once),
    Fault("misspelt key", line("poll_every", "pol_every"), "unknown key", 'mean "poll_every"',
          line("pol_every", "poll_every")),
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found_and_its_fix_ends_it(tmp_path: Path, fault: Fault) -> None:
    scene = Scene(tmp_path)
    usual = scene.check()
    assert all(finding.level is Level.WARNING for finding in usual), usual
    fault.plant(scene)
    news = [finding for finding in scene.check() if finding not in usual]
    met = [finding for finding in news if fault.seen in finding.what]
    assert met, news
    assert met[0].why
    assert fault.told in met[0].fix
    assert fault.told
    if fault.mend:
        fault.mend(scene)
    else:
        scene.obey(met[0])
    assert [finding for finding in scene.check() if finding not in usual] == []
    assert (scene.duo.azure.log.writes, scene.duo.clickup_log.writes) == scene.writes_before
