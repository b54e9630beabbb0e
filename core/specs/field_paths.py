"""Fields of a run by their paths: what a setting is, and whether a value fits it before a run is at hand."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import create_model
from pydantic.fields import FieldInfo

from core.errors import SpecError
from core.specs.base import Spec, parse
from core.specs.run import RunSpec

EVERYWHERE = (Annotated, Union, types.UnionType)


def field_at(path: str) -> FieldInfo:
    """The field that the setting at ``path`` (``network.encoder.0.units``) has in any run.

    Raises
    ------
    SpecError
        If no run has such a setting, or the path ends at a place in a list.
    """
    owner: Any = RunSpec
    found: FieldInfo | None = None
    for step in path.split("."):
        if step.isdigit():
            owner, found = _member(owner), None
            if owner is None:
                raise SpecError(f"There is no setting {path}", step, "Use a path such as network.encoder.0.units")
            continue
        owners = specs_in(owner)
        found = next((each.model_fields[step] for each in owners if step in each.model_fields), None)
        if found is None:
            known = sorted({name for each in owners for name in each.model_fields})
            raise SpecError(
                f"There is no setting {path}", step, f"Use one of: {', '.join(known)}" if known else "Shorten the path"
            )
        owner = found.annotation
    if found is None:
        raise SpecError(f"{path} is a whole layer, not a setting", None, "Name one of its settings, such as units")
    return found


def fitting(path: str, value: Any, *, number: bool = False) -> Any:
    """``value`` as the setting at ``path`` holds it.

    Parameters
    ----------
    number
        Whether the setting must be one of numbers, as the end of a range is.

    Raises
    ------
    SpecError
        If it does not fit the setting's own type and bounds.
    """
    field = field_at(path)
    if number and not (whole_numbers(path) or _takes(field.annotation, float)):
        raise SpecError(f"{path} is not a number, so it has no range", None, "Give it choices")
    if isinstance(value, bool) and not _takes(field.annotation, bool):
        raise SpecError(f"{path} is neither on nor off", value, "Give values of the setting's own kind")
    before, _, name = path.rpartition(".")
    fields: dict[str, Any] = {name: (field.annotation, field)}
    alone = create_model("Setting", __base__=Spec, **fields)
    return getattr(parse(alone, {name: value}, before), name)


def whole_numbers(path: str) -> bool:
    """Whether the setting at ``path`` is a whole number."""
    annotation = field_at(path).annotation
    return _takes(annotation, int) and not _takes(annotation, float)


def choices_of(path: str) -> tuple[Any, ...]:
    """Every value of a setting that is a choice or a switch; empty for numbers and words."""
    annotation = field_at(path).annotation
    if _takes(annotation, bool):
        return (False, True)
    named = [get_args(each) for each in _parts(annotation) if get_origin(each) is Literal]
    return named[0] if named and len(named[0]) > 1 else ()


def bounds_of(path: str) -> tuple[float | None, float | None]:
    """The smallest and the largest value of a setting, where it has them; ends that are left out included."""
    low = high = None
    for rule in field_at(path).metadata:
        low = next((getattr(rule, name) for name in ("ge", "gt") if getattr(rule, name, None) is not None), low)
        high = next((getattr(rule, name) for name in ("le", "lt") if getattr(rule, name, None) is not None), high)
    return low, high


def specs_in(annotation: Any) -> list[type[Spec]]:
    """Every kind of spec that ``annotation`` may hold, not looking into lists."""
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        return [annotation]
    return [found for part in _parts(annotation) if part is not annotation for found in specs_in(part)]


def _parts(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of a union, its tag left out; ``annotation`` itself where it is none."""
    if get_origin(annotation) not in EVERYWHERE:
        return (annotation,)
    inside = get_args(annotation)
    return _parts(inside[0]) if get_origin(annotation) is Annotated else tuple(p for i in inside for p in _parts(i))


def _member(annotation: Any) -> Any:
    """What a list holds; ``None`` where ``annotation`` is no list."""
    lists = [each for each in _parts(annotation) if get_origin(each) is tuple]
    return get_args(lists[0])[0] if lists else None


def _takes(annotation: Any, kind: type) -> bool:
    return kind in _parts(annotation)
