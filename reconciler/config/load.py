"""Load: config.toml becomes a Config, or one ConfigError with every mistake in it.

Each problem is one sentence with the line, the path (`mappings[0].right.list`), what is wrong and how to fix it.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from reconciler.config.lines import Path as Location
from reconciler.config.lines import line_numbers
from reconciler.config.schema import FileTable, MappingTable
from reconciler.config.secrets import Unresolved, resolve
from reconciler.config.values import Config, DashboardConfig, LogConfig, MappingConfig, SideConfig, StoreConfig
from reconciler.errors import ConfigError
from reconciler.log import register_address, register_secret
from reconciler.model.custom_field import FieldPair
from reconciler.model.field import LINKS
from reconciler.model.policy import GuardLimits, Policy, TypeTable
from reconciler.model.side import SIDES
from reconciler.trackers.registry import KINDS

Model = TypeVar("Model", bound=BaseModel)


_SECRETS = (("store", "url"), ("alerts", "urls"), ("feed", "url"), ("feed", "secret"), ("dashboard", "token"))
"""Where secrets may stand, beside the tables of trackers."""


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Reads and checks the whole file. Raises ConfigError; never shows the value of a secret."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # editors on Windows put a mark in front
    except FileNotFoundError:
        raise ConfigError(
            [f"{path}: there is no such file; `reconciler init` writes one, --config names another"]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read: {error}"]) from None
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: not valid TOML: {error}"]) from None
    return _Loading(path, document, line_numbers(text), environ).run()


class _Loading:
    """One pass over a document, collecting problems as it goes."""

    def __init__(
        self, path: Path, document: dict[str, Any], lines: dict[Location, int], environ: Mapping[str, str]
    ) -> None:
        self._path = path
        self._document = document
        self._lines = lines
        self._environ = environ
        self._overrides: dict[Location, str] = {}
        self._problems: list[tuple[int, str]] = []
        self._warnings: list[str] = []

    def run(self) -> Config:
        document = self._overridden(self._resolved(self._document, ()))
        file = self._validated(FileTable, document, ())
        trackers = self._trackers(document)
        mappings = self._mappings(document, trackers)
        if self._problems or file is None:
            raise ConfigError([problem for _, problem in sorted(self._problems, key=lambda entry: entry[0])])
        return Config(
            path=self._path,
            store=StoreConfig(self._store_url(file.store.url)),
            log=LogConfig(file.log.level, file.log.format),
            dashboard=DashboardConfig(file.dashboard.listen, file.dashboard.token),
            doubt_lasts=file.recovery.doubt_lasts,
            alerts=file.alerts,
            feed=file.feed,
            trackers=trackers,
            mappings=tuple(mappings),
            warnings=tuple(self._warnings),
        )

    # --- secrets and overrides -------------------------------------------------------------------------------------

    def _resolved(self, value: Any, at: Location) -> Any:
        """The document with "$NAME" and "file:…" replaced, in the tables where secrets may stand."""
        if isinstance(value, dict):
            return {key: self._resolved(entry, (*at, key)) for key, entry in value.items()}
        if isinstance(value, list) and at == ("alerts", "urls"):
            return [self._resolved(entry, (*at, index)) for index, entry in enumerate(value)]
        if isinstance(value, str) and (at[:1] == ("trackers",) or at[:2] in _SECRETS):
            try:
                resolved = resolve(value, self._environ, self._path.parent)
            except Unresolved as problem:
                self._add(at, str(problem))
                return value
            if resolved != value or at[-1] in ("token", "secret", "certificate"):
                register_secret(resolved)
            if at[:1] == ("alerts",) or (at == ("feed", "url") and resolved != value):
                register_address(resolved)
            return resolved
        return value

    def _overridden(self, document: dict[str, Any]) -> dict[str, Any]:
        for name, table, key in (("DATABASE_URL", "store", "url"), ("LOG_LEVEL", "log", "level")):
            value = self._environ.get(name)
            if value and isinstance(document.get(table, {}), dict):
                document = {
                    **document,
                    table: {**document.get(table, {}), key: value.upper() if key == "level" else value},
                }
                self._overrides[(table, key)] = name
        return document

    def _store_url(self, url: str) -> str:
        """A relative SQLite path is relative to the configuration file, wherever the command runs."""
        prefix = "sqlite:///"
        if url.startswith(prefix) and not Path(url.removeprefix(prefix)).is_absolute():
            return f"{prefix}{(self._path.parent / url.removeprefix(prefix)).resolve()}"
        return url

    # --- tables ----------------------------------------------------------------------------------------------------

    def _trackers(self, document: dict[str, Any]) -> dict[str, BaseModel]:
        tables = document.get("trackers")
        found: dict[str, BaseModel] = {}
        for name, table in tables.items() if isinstance(tables, dict) else ():
            if not isinstance(table, dict):
                continue
            kind = table.get("kind")
            if not isinstance(kind, str) or kind not in KINDS:
                hint = _nearest(str(kind), KINDS) if kind else f"kind is missing; one of {_listed(KINDS)}"
                self._add(("trackers", name, "kind"), f'unknown tracker kind "{kind}"; {hint}' if kind else hint)
                continue
            connection = self._validated(KINDS[kind].connection, table, ("trackers", name))
            if connection is not None:
                found[name] = connection
        return found

    def _mappings(self, document: dict[str, Any], trackers: dict[str, BaseModel]) -> list[MappingConfig]:
        tables = document.get("mappings")
        found: list[MappingConfig] = []
        names = document.get("trackers")
        known = set(names) if isinstance(names, dict) else set()
        for index, table in enumerate(tables if isinstance(tables, list) else ()):
            if isinstance(table, dict):
                mapping = self._mapping(index, table, trackers, known)
                if mapping is not None:
                    found.append(mapping)
        self._check_names(found)
        self._check_overlaps(found, trackers)
        return found

    def _mapping(
        self, index: int, table: dict[str, Any], trackers: dict[str, BaseModel], known: set[str]
    ) -> MappingConfig | None:
        at: Location = ("mappings", index)
        sides = {side: self._side(table.get(side), (*at, side), trackers, known) for side in SIDES}
        try:
            parsed = MappingTable.model_validate(table)
        except ValidationError:
            return None  # reported with the whole file
        self._warn_about(parsed)
        left, right = sides["left"], sides["right"]
        if left is None or right is None:
            return None
        return MappingConfig(
            name=parsed.name,
            left=left,
            right=right,
            poll_every=parsed.poll_every,
            sweep_every=parsed.sweep_every,
            timezone=parsed.timezone,
            policy=_policy(parsed),
        )

    def _side(self, table: Any, at: Location, trackers: dict[str, BaseModel], known: set[str]) -> SideConfig | None:
        if not isinstance(table, dict):
            return None
        name = table.get("tracker")
        if not isinstance(name, str) or name not in known:
            hint = _nearest(str(name), known) if name else f"name one of {_listed(known)}"
            self._add(
                (*at, "tracker"), f"there is no [trackers.{name}]; {hint}" if name else f"tracker is missing; {hint}"
            )
            return None
        if name not in trackers:
            return None  # its own table has a problem, which is reported there
        kind = KINDS[trackers[name].kind]  # type: ignore[attr-defined]
        settings = self._validated(kind.side, table, at)
        return None if settings is None else SideConfig(name, settings)

    def _warn_about(self, mapping: MappingTable) -> None:
        where = f'mapping "{mapping.name}"'
        if mapping.settle:
            self._warnings.append(f"{where}: settle has no effect in this version; changes travel at once")

    # --- across mappings -------------------------------------------------------------------------------------------

    def _check_names(self, mappings: list[MappingConfig]) -> None:
        seen: set[str] = set()
        for index, mapping in enumerate(mappings):
            if mapping.name in seen:
                self._add(
                    ("mappings", index, "name"), f'"{mapping.name}" is used twice; give every mapping its own name'
                )
            seen.add(mapping.name)

    def _check_overlaps(self, mappings: list[MappingConfig], trackers: dict[str, BaseModel]) -> None:
        def overlap(one: SideConfig, two: SideConfig) -> bool:
            kind = KINDS[trackers[one.tracker].kind]  # type: ignore[attr-defined]
            return one.tracker == two.tracker and kind.overlap(one.settings, two.settings)

        for index, mapping in enumerate(mappings):
            if overlap(mapping.left, mapping.right):
                self._add(("mappings", index, "right"), "covers the same items as the left side; name another place")
        for (_, one), (second, two) in combinations(enumerate(mappings), 2):
            for side in SIDES:
                if any(overlap(two.side(side), one.side(theirs)) for theirs in SIDES):
                    self._add(
                        ("mappings", second, side),
                        f'covers the same items as mapping "{one.name}"; an item may be in one mapping only',
                    )

    # --- problems --------------------------------------------------------------------------------------------------

    def _validated(self, model: type[Model], table: Any, at: Location) -> Model | None:
        try:
            return model.model_validate(table)
        except ValidationError as refused:
            for error in refused.errors(include_url=False, include_input=False):
                location = (*at, *(part for part in error["loc"] if part != "[key]"))
                self._add(location, _sentence(model, error, location, at))
            return None

    def _add(self, at: Location, sentence: str) -> None:
        if at in self._overrides:
            self._problems.append((0, f"the environment variable {self._overrides[at]}: {sentence}"))
            return
        line = next((self._lines[at[:n]] for n in range(len(at), 0, -1) if at[:n] in self._lines), 0)
        where = f"{self._path.name}:{line}: " if line else f"{self._path.name}: "
        problem = (line, f"{where}{_dotted(at)}: {sentence}")
        if problem not in self._problems:
            self._problems.append(problem)


# --- sentences -----------------------------------------------------------------------------------------------------


def _sentence(model: type[BaseModel], error: Any, location: Location, at: Location) -> str:
    """What is wrong and how to fix it. The value itself is never shown: it may be a secret."""
    match error["type"]:
        case "extra_forbidden":
            return f"unknown key; {_nearest(str(location[-1]), _keys_at(model, location[len(at) : -1]))}"
        case "missing":
            return "is missing"
        case "value_error":
            return str(error["ctx"]["error"])
        case "literal_error" | "enum":
            return f"must be one of {error['ctx']['expected']}"
        case _:
            message = str(error["msg"])
            return message[0].lower() + message[1:]


def _keys_at(model: type[BaseModel], path: Location) -> list[str]:
    """The keys that may stand at `path` below a model."""
    for part in path:
        if isinstance(part, int) or part not in model.model_fields:
            continue
        for candidate in _models_in(model.model_fields[part].annotation):
            model = candidate
    return list(model.model_fields)


def _models_in(annotation: Any) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f'did you mean "{close[0]}"?' if close else f"known are {_listed(known)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in sorted(names)) or "none"


def _dotted(at: Location) -> str:
    """`mappings[0].right.list`; keys with other than plain characters are quoted."""
    text = ""
    for part in at:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            plain = part if part.replace("_", "").replace("-", "").isalnum() else f'"{part}"'
            text += f".{plain}" if text else plain
    return text or "the file"


def _policy(mapping: MappingTable) -> Policy:
    conflicts = {name: rule for name, rule in mapping.conflicts if rule is not None}
    directions = {own: way for name, way in mapping.fields for own in (LINKS if name == "links" else (name,))}
    return Policy(
        name=mapping.name,
        conflict=mapping.conflict,
        conflicts=conflicts,
        directions=directions,
        on_delete=mapping.on_delete,
        on_archive=mapping.on_archive,
        match_by_title=mapping.match_by == "title",
        confirm_first_sync=mapping.first_sync == "confirm",
        states=mapping.states,
        types={name: TypeTable(entry.right, entry.states) for name, entry in mapping.types.items()},
        priorities=mapping.priorities,
        people={left.lower(): right.lower() for left, right in mapping.people.items()},
        guard=GuardLimits(**mapping.guard.model_dump()),
        custom_fields=tuple(FieldPair(f.left, f.right, f.direction, f.values) for f in mapping.custom_fields),
        attachment_bytes_max=mapping.attachment_limit,
    )
