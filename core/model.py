"""A trained model: networks with everything needed to use them on new cells, in one file that runs no code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from core.data.feature_space import FeatureSpace
from core.data.transform import FittedTransform
from core.errors import AppError
from core.model_header import FIRST_FORMAT, FORMAT, damaged, model_facts
from core.networks.build import build
from core.networks.network import Network
from core.specs import RunSpec, content_key, parse

TENSOR = "$tensor"


@dataclass(frozen=True)
class TrainedModel:
    """Members, genes, transform, classes and calibration.

    ``learned`` holds what else was learned (linear members, calibration, open-set references) as a tree of numpy
    arrays and plain values; each task reads its own branch. ``further`` are models of the same settings from further
    references, each with genes and classes of its own.
    """

    spec: RunSpec
    networks: tuple[Network, ...]
    features: FeatureSpace
    transform: FittedTransform
    classes: tuple[str, ...] = ()
    learned: Mapping[str, Any] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    further: tuple[TrainedModel, ...] = ()

    @property
    def each(self) -> tuple[TrainedModel, ...]:
        """The model itself and those from further references."""
        return (self, *self.further)

    @property
    def n_networks(self) -> int:
        """Networks of all references."""
        return sum(len(each.networks) for each in self.each)

    @property
    def genes(self) -> tuple[str, ...]:
        return self.features.genes

    @property
    def unit_sets(self) -> tuple[str, ...]:
        """Names of the gene sets that are the units of the first layer; empty where it has none."""
        return tuple(self.learned.get("gene_set_layer", ()))

    @property
    def key(self) -> str:
        """Changes when any weight does."""
        weights = [float(p.detach().double().sum()) for network in self.networks for p in network.parameters()]
        return content_key(self.spec, list(self.genes), list(self.classes), weights)

    def save(self, path: Path) -> None:
        """Write ``model.safetensors``: weights as ``members.N.*``, everything else as JSON in the metadata.

        Models from further references lie in the same file under ``further.N.``.
        """
        tensors: dict[str, torch.Tensor] = {}
        facts = self._facts(tensors)
        if self.further:
            facts["further"] = [
                model._facts(tensors, f"further.{number}.") for number, model in enumerate(self.further, start=1)
            ]
        temporary = path.with_name(f".{path.name}")
        metadata = {"format": FORMAT if self.further else FIRST_FORMAT, **facts}
        save_file(tensors, temporary, metadata={"celldesk": json.dumps(metadata)})
        temporary.replace(path)

    def _facts(self, tensors: dict[str, torch.Tensor], place: str = "") -> dict[str, Any]:
        """The model as plain values; its arrays go to ``tensors`` under names that begin with ``place``."""
        tensors |= {
            f"{place}members.{number}.{name}": value.detach().cpu().contiguous()
            for number, network in enumerate(self.networks)
            for name, value in network.state_dict().items()
        }
        tree = {"transform": self.transform.to_dict(), "learned": dict(self.learned)}
        return {
            "spec": self.spec.model_dump(mode="json"),
            "features": self.features.to_dict(),
            "classes": list(self.classes),
            "members": len(self.networks),
            "n_inputs": self.networks[0].n_inputs if self.networks else 0,
            "about": dict(self.about),
            "tree": split_arrays(tree, tensors, f"{place}tree"),
        }

    @classmethod
    def load(cls, path: Path) -> TrainedModel:
        """Read a model file; no code in it can run.

        Raises
        ------
        RunError
            If the file is not a CellDesk model, or its parts do not fit together.
        """
        facts = model_facts(path)
        try:
            with safe_open(path, framework="pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a dict
            return cls._rebuilt(facts, tensors)
        except AppError:
            raise
        except (OSError, SafetensorError, AttributeError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise damaged(path, error) from None

    @classmethod
    def _rebuilt(cls, facts: Mapping[str, Any], tensors: Mapping[str, torch.Tensor], place: str = "") -> TrainedModel:
        """The model of a file's plain values and its tensors."""
        spec = parse(RunSpec, facts["spec"])
        tree = join_arrays(facts["tree"], tensors)
        networks = []
        for number in range(facts["members"]):
            prefix = f"{place}members.{number}."
            network = build(
                spec.network.member(number),
                spec.objective,
                facts["n_inputs"],
                len(facts["classes"]),
                torch.Generator(),
                mask=tensors.get(f"{prefix}encoder.0.linear.mask"),
            )
            network.load_state_dict(
                {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
            )
            networks.append(network.eval())
        return cls(
            spec=spec,
            networks=tuple(networks),
            features=FeatureSpace.from_dict(facts["features"]),
            transform=FittedTransform.from_dict(tree["transform"]),
            classes=tuple(facts["classes"]),
            learned=tree["learned"],
            about=facts["about"],
            further=tuple(
                cls._rebuilt(own, tensors, f"further.{number}.")
                for number, own in enumerate(facts.get("further", ()), start=1)
            ),
        )


def split_arrays(tree: Any, tensors: dict[str, torch.Tensor], path: str = "tree") -> Any:
    """``tree`` with each array moved into ``tensors`` and its name left in its place."""
    if isinstance(tree, np.ndarray):
        tensors[path] = torch.from_numpy(np.ascontiguousarray(tree))
        return {TENSOR: path}
    if isinstance(tree, Mapping):
        return {str(key): split_arrays(value, tensors, f"{path}.{key}") for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [split_arrays(value, tensors, f"{path}.{number}") for number, value in enumerate(tree)]
    return tree.item() if isinstance(tree, np.generic) else tree


def join_arrays(tree: Any, tensors: Mapping[str, torch.Tensor]) -> Any:
    """The inverse of :func:`split_arrays`."""
    if isinstance(tree, Mapping):
        if set(tree) == {TENSOR}:
            return tensors[tree[TENSOR]].numpy()
        return {key: join_arrays(value, tensors) for key, value in tree.items()}
    if isinstance(tree, list):
        return [join_arrays(value, tensors) for value in tree]
    return tree
