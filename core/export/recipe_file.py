"""A run's settings as a file that people read and the app opens again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import ComposerError

from core.errors import SpecError
from core.files import write_text
from core.specs import RunSpec, Spec, parse

MOST_BYTES = 1_000_000
_HEAD = """\
# A CellDesk recipe: the settings of one run. Repeat it with
#   python -m core run THIS_FILE --out FOLDER
# Any text editor can change it; a setting that is left out takes its default.
"""
_FLOW_WIDTH = 100


def to_yaml(spec: RunSpec, *, full: bool = True) -> str:
    """``spec`` as YAML.

    Parameters
    ----------
    spec
        What to write.
    full
        Write every setting, so that the file means the same when defaults change; else only what differs from them.
    """
    tree = spec.model_dump(mode="json", exclude_defaults=not full)
    # a union is read by its tag, so the tag stays even where it is the default
    tree["analysis"] = {"task": spec.task, **tree.get("analysis", {})}
    ordered = {name: tree[name] for name in RunSpec.model_fields if name in tree}
    return _HEAD + yaml.dump(ordered, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_FLOW_WIDTH)


def from_yaml(text: str, where: str = "the recipe") -> RunSpec:
    """The settings in ``text``, YAML or JSON.

    Parameters
    ----------
    text
        The file's content.
    where
        Its name, for messages.

    Raises
    ------
    SpecError
        If the text cannot be read or a setting in it does not fit.
    """
    if len(text) > MOST_BYTES:
        raise SpecError("The recipe file is far too large", where, "Choose a file written by the Export page")
    tree = _tree(text, where)
    if not isinstance(tree, dict):
        raise SpecError(f"{where} holds no settings", tree, "Choose a file written by the Export page")
    return parse(RunSpec, tree)


def read_recipe(path: Path) -> RunSpec:
    """The settings in a file, ``.yaml`` or ``.json``.

    Raises
    ------
    SpecError
        If the file is not there, is not text, or a setting in it does not fit.
    """
    if not path.is_file():
        raise SpecError("The recipe file is not there", str(path), "Check the path")
    if path.stat().st_size > MOST_BYTES:
        raise SpecError("The recipe file is far too large", str(path), "Choose a file written by the Export page")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SpecError("The recipe file is not text", str(path), "Choose a .yaml or .json file") from None
    return from_yaml(text, path.name)


def write_recipe(spec: RunSpec, path: Path, *, full: bool = True) -> Path:
    """Write ``spec`` to ``path``: JSON where it ends in ``.json``, else YAML."""
    if path.suffix == ".json":
        return write_text(path, json.dumps(spec.model_dump(mode="json"), indent=2) + "\n")
    return write_text(path, to_yaml(spec, full=full))


def differences(spec: Spec, default: Spec) -> dict[str, Any]:
    """Settings of ``spec`` that are not those of ``default``, by path, as plain values.

    A part that only one of the two has, or a list of another length, is given whole.
    """
    found: dict[str, Any] = {}
    _compare(spec.model_dump(mode="json"), default.model_dump(mode="json"), "", found)
    return found


def one_line(value: Any) -> str:
    """``value`` as YAML on one line, the form that ``--set`` reads."""
    made = yaml.dump(value, Dumper=_OneLineDumper, default_flow_style=True, width=float("inf"))
    return made.removesuffix("...\n").strip()


def _compare(value: Any, default: Any, path: str, found: dict[str, Any]) -> None:
    if value == default:
        return
    if isinstance(value, dict) and isinstance(default, dict) and value.keys() == default.keys():
        for name in value:
            _compare(value[name], default[name], f"{path}.{name}" if path else name, found)
    elif _alike(value, default):
        for number, (item, other) in enumerate(zip(value, default, strict=True)):
            _compare(item, other, f"{path}.{number}", found)
    else:
        found[path] = value


def _alike(value: Any, default: Any) -> bool:
    lists = isinstance(value, list) and isinstance(default, list) and len(value) == len(default)
    return lists and all(isinstance(item, dict) for item in [*value, *default])


def _tree(text: str, where: str) -> Any:
    try:
        if text.lstrip().startswith("{"):
            return json.loads(text)
        return yaml.load(text, Loader=_Loader)
    except RecursionError:
        raise SpecError(
            f"{where} is nested far too deep", text[:40], "Choose a file written by the Export page"
        ) from None
    except json.JSONDecodeError as error:
        at, problem = error.lineno, error.msg
    except yaml.MarkedYAMLError as error:
        at, problem = (error.problem_mark.line + 1 if error.problem_mark else 1), error.problem or "no YAML"
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date or number that is none
        at, problem = 1, str(error)
    lines = text.splitlines()
    line = lines[at - 1].strip() if at <= len(lines) else ""
    raise SpecError(f"{where} cannot be read: {problem}", line, f"Mend line {at}, or export the recipe again")


class _Loader(yaml.SafeLoader):
    """Plain values only: no tag of a language, and no alias, by which few lines can stand for billions of values."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """One value of the file."""
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise ComposerError(None, None, "a recipe repeats no part by an alias", event.start_mark)
        return super().compose_node(parent, index)


class _Dumper(yaml.SafeDumper):
    """Layers and other small parts on one line each, as a person would write them."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        """A mapping of plain values in flow style where it is a layer, else in block style."""
        return super().represent_mapping(tag, mapping, flow_style="units" in mapping and "activation" in mapping)

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.SequenceNode:
        """A list of plain values in flow style, a list of parts in block style."""
        return super().represent_sequence(
            tag, sequence, flow_style=not any(isinstance(item, dict) for item in sequence)
        )

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists below their name."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """Equal layers are written out, not referred to."""
        return True


_BREAKS = "\n\r\x85\u2028\u2029"


class _OneLineDumper(yaml.SafeDumper):
    """Writes line breaks inside a text as escapes."""


def _on_one_line(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if any(mark in text for mark in _BREAKS) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_OneLineDumper.add_representer(str, _on_one_line)
