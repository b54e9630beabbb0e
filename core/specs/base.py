"""What all specs share: frozen fields, three-part errors, paths such as ``network.encoder.0.dropout``, content keys."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import SpecError


class Spec(BaseModel):
    """Frozen settings. Default, bounds, unit and help of a setting are written once, in its ``Field``."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


S = TypeVar("S", bound=Spec)


def parse(kind: type[S], values: Mapping[str, Any] | Spec, where: str = "") -> S:
    """``values`` as a spec of ``kind``.

    Raises
    ------
    SpecError
        If a setting is unknown, out of range or at odds with another one.
    """
    if isinstance(values, Spec):
        values = values.model_dump()
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise spec_error(kind, error, where) from None


def replaced(spec: S, path: str, value: Any) -> S:
    """A copy of ``spec`` with the setting at ``path`` (``encoder.0.dropout``) changed, all checks run again.

    Raises
    ------
    SpecError
        If the path names no setting or the value does not fit.
    """
    return replaced_all(spec, {path: value})


def replaced_all(spec: S, values: Mapping[str, Any]) -> S:
    """A copy of ``spec`` with several settings changed at once, by path, all checks run on what comes of it.

    Raises
    ------
    SpecError
        If a path names no setting, or the values do not fit together.
    """
    tree = spec.model_dump()
    for path, value in values.items():
        _assign(tree, path.split("."), value, path)
    return parse(type(spec), tree)


def at(spec: Spec, path: str) -> Any:
    """The value of the setting at ``path``."""
    found: Any = spec
    for step in path.split("."):
        found = found[int(step)] if isinstance(found, tuple) else getattr(found, step)
    return found


def content_key(*parts: Any) -> str:
    """Sixteen hex digits that change when any part does; specs count by their values."""
    plain = [part.model_dump(mode="json") if isinstance(part, Spec) else part for part in parts]
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def spec_error(kind: type[BaseModel], error: ValidationError, where: str = "") -> SpecError:
    """The first complaint of pydantic in three parts."""
    first = error.errors()[0]
    path = ".".join(str(step) for step in ([where] if where else []) + list(first["loc"]))
    cause, context = first["type"], first.get("ctx", {})
    raised = context.get("error")
    if isinstance(raised, SpecError):
        return raised
    name = path or kind.__name__
    if cause == "extra_forbidden":
        known = _names_at(kind, first["loc"][:-1])
        return SpecError(f"There is no setting {name}", first["input"], f"Use one of: {', '.join(known)}")
    if cause == "literal_error":
        return SpecError(f"{name} is not one of the choices", first["input"], f"Use one of: {context['expected']}")
    if cause in _BOUNDS:
        return SpecError(f"{name} is out of range", first["input"], _range(kind, first["loc"], context))
    if cause == "missing":
        return SpecError(f"{name} is missing", None, "Give it a value")
    return SpecError(f"{name} does not fit", first["input"], first["msg"].removeprefix("Value error, "))


_BOUNDS = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}


def _range(kind: type[BaseModel], location: tuple, context: dict[str, Any]) -> str:
    limits = dict(context)
    owner = _model_at(kind, location[:-1])
    field = owner.model_fields.get(str(location[-1])) if owner else None
    for rule in field.metadata if field else ():
        limits.update({name: getattr(rule, name) for name in ("ge", "gt", "le", "lt") if hasattr(rule, name)})
    low = limits.get("ge", limits.get("gt"))
    high = limits.get("le", limits.get("lt"))
    if low is not None and high is not None:
        return f"Use a value from {low} to {high}"
    return f"Use {low} or more" if low is not None else f"Use {high} or less"


def _assign(tree: dict[str, Any] | list[Any], steps: list[str], value: Any, path: str) -> None:
    step, *rest = steps
    if isinstance(tree, list) and not (step.isdigit() and int(step) < len(tree)):
        raise SpecError(f"There is no setting {path}", step, f"Use a number from 0 to {len(tree) - 1}")
    place: Any = int(step) if isinstance(tree, list) else step
    if not rest:
        tree[place] = value
        return
    below = tree[place] if isinstance(tree, list) else tree.get(place, "")
    if below is None:
        below = {}  # an optional part is switched on by one of its settings
    elif isinstance(below, tuple):
        below = list(below)
    if not isinstance(below, dict | list):
        known = ", ".join(tree) if isinstance(tree, dict) else f"0 to {len(tree) - 1}"
        raise SpecError(f"There is no setting {path}", step, f"Use one of: {known}")
    tree[place] = below
    _assign(below, rest, value, path)


def _model_at(kind: type[BaseModel], location: tuple) -> type[BaseModel] | None:
    owner: type[BaseModel] | None = kind
    for step in location:
        if owner is None:
            return None
        if isinstance(step, int) or step not in owner.model_fields:
            continue
        owner = _model_in(owner.model_fields[step].annotation)
    return owner


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part))), None)


def _names_at(kind: type[BaseModel], location: tuple) -> list[str]:
    owner = _model_at(kind, location)
    return sorted(owner.model_fields) if owner else []
