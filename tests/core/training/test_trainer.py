from __future__ import annotations

import json
from typing import get_args

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.errors import RunError, SpecError
from core.networks.batch import Batch, outputs_of
from core.networks.build import build
from core.networks.objective import Objective
from core.specs import (
    Activation,
    ClassSpec,
    GeneSetLayerSpec,
    LayerSpec,
    NetworkSpec,
    ObjectiveSpec,
    ProportionSpec,
    ReconstructionSpec,
    TrainSpec,
    VariationalSpec,
)
from core.training.batches import ArrayBatches
from core.training.precision import autocast
from core.training.state import TrainerState
from core.training.trainer import fit

LAYER = LayerSpec(units=6, norm="batch", dropout=0.3, max_norm=2.0)
NETWORK = NetworkSpec(
    input_noise=0.1,
    input_dropout=0.1,
    encoder=(LAYER,),
    code=LayerSpec(units=3, activation="softplus"),
    output_activation="softplus",
)
OBJECTIVE = ObjectiveSpec(
    reconstruction=ReconstructionSpec(loss="poisson"), classes=ClassSpec(), proportions=ProportionSpec()
)
TRAIN = TrainSpec(batch_size=8, epochs=6, patience=None)


def cells(n: int = 33, seed: int = 0) -> ArrayBatches:
    rng = np.random.default_rng(seed)
    return ArrayBatches(
        rng.poisson(1.0, (n, 10)).astype(np.float32), rng.integers(0, 3, n), rng.dirichlet(np.ones(3), n)
    )


def made(network: NetworkSpec = NETWORK, objective: ObjectiveSpec = OBJECTIVE) -> nn.Module:
    components = torch.linalg.qr(torch.rand(10, 10, generator=torch.Generator().manual_seed(3)))[0]
    return build(network, objective, 10, 3, torch.Generator().manual_seed(0), components)


def run(network=NETWORK, objective=OBJECTIVE, train=TRAIN, **rest):
    """The records of a run, and the network it leaves."""
    module = made(network, objective)
    rest = {"seed": 0} | rest
    return list(fit(module, Objective(objective), cells(), cells(17, seed=1), train, **rest)), module


def values(records) -> list[dict[str, float]]:
    return [{**record.train, **{"v_" + name: value for name, value in record.validation.items()}} for record in records]


def same_weights(one: nn.Module, other: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


def test_records_tell_everything_as_plain_json():
    records, module = run()
    assert [record.number for record in records] == [1, 2, 3, 4, 5, 6]
    last = json.loads(json.dumps(records[-1].to_json()))
    names = {"loss", "reconstruction", "classes", "proportions", "accuracy", "macro_f1"}
    names |= {"proportion_mae", "proportion_ccc"}
    assert set(last["train"]) == set(last["validation"]) == names
    assert last["learning_rate"] == TRAIN.learning_rate
    assert last["gradient_norm"] > 0
    assert last["cells_per_second"] > 0
    assert last["units"] == {"silent": [], "saturated": []}
    assert not module.training


def test_the_same_seed_repeats_a_run_and_another_does_not():
    assert values(run()[0]) == values(run()[0])
    assert values(run()[0]) != values(run(seed=1)[0])


@pytest.mark.parametrize("kind", ["sgd", "nesterov", "adam", "adamw", "rmsprop"])
def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path, kind):
    train = TRAIN.model_copy(update={"optimiser": kind, "schedule": "plateau", "patience": 4})
    whole, expected = run(train=train)
    path = tmp_path / "state.safetensors"
    module = made()
    first = []
    for record in fit(
        module, Objective(OBJECTIVE), cells(), cells(17, 1), train, seed=0, on_state=lambda s: s.save(path)
    ):
        first.append(record)
        if record.number == 3:
            break
    rest, resumed = run(train=train, state=TrainerState.load(path))
    assert values(first + rest) == values(whole)
    assert same_weights(resumed, expected)


@pytest.mark.parametrize("stopped_at", [2, 13])
def test_a_stop_inside_an_epoch_leaves_no_trace(stopped_at):
    whole, expected = run()
    states, asked = [], []
    stop = lambda: len(asked) == stopped_at or asked.append(0)  # noqa: E731  # counts the steps
    first, _ = run(stop=stop, on_state=states.append)
    assert len(first) == (stopped_at - 1) // 4  # 33 cells in batches of 8: four steps, the last with 9 cells
    rest, resumed = run(state=states[-1] if states else None)
    assert values(first + rest) == values(whole)
    assert same_weights(resumed, expected)


def test_the_best_epoch_is_kept_or_the_last_one():
    rough = TRAIN.model_copy(update={"optimiser": "sgd", "learning_rate": 0.3, "epochs": 12})
    states: list[TrainerState] = []
    records, module = run(train=rough, on_state=states.append)
    best = min(records, key=lambda record: record.validation["loss"])
    assert [record.number for record in records if record.best][-1] == best.number < 12
    kept = states[best.number - 1].network
    assert all(torch.equal(kept[name], value) for name, value in module.state_dict().items())
    _, last = run(train=rough.model_copy(update={"restore_best": False}), on_state=states.append)
    assert all(torch.equal(states[-1].network[name], value) for name, value in last.state_dict().items())
    assert states[-1].best is None


def test_patience_ends_training_and_a_finished_run_does_not_go_on():
    states: list[TrainerState] = []
    impatient = TRAIN.model_copy(update={"patience": 2, "epochs": 200, "monitor": "macro_f1"})
    records, module = run(train=impatient, on_state=states.append)
    assert len(records) < 200
    assert [record.waited for record in records[-3:]] == [0, 1, 2]
    again, resumed = run(train=impatient, state=states[-1])
    assert again == []
    assert same_weights(module, resumed)


def test_without_validation_cells_the_training_value_is_watched():
    train = TRAIN.model_copy(update={"epochs": 2})
    records = list(fit(made(), Objective(OBJECTIVE), cells(), None, train, seed=0))
    assert records[0].validation == {}
    assert records[1].best == (records[1].train["loss"] < records[0].train["loss"])


SGD = {"optimiser": "sgd"}
STUCK = {"learning_rate": 0.05, "patience": 2, "epochs": 40}


@pytest.mark.parametrize(
    ("base", "change"),
    [
        *(({"weight_decay": 0.1}, {"optimiser": kind}) for kind in ("sgd", "nesterov", "adamw", "rmsprop")),
        *(({}, {"schedule": kind}) for kind in ("within_epoch", "cosine", "one_cycle")),
        (STUCK, {"schedule": "plateau"}),
        ({}, {"learning_rate": 0.1}),
        ({"optimiser": "adamw"}, {"weight_decay": 0.5}),
        (SGD, {"weight_decay": 0.5}),
        (SGD, {"clip_norm": 1e-3}),
        ({}, {"batch_size": 16}),
        ({}, {"precision": "bf16"}),
    ],
    ids=str,
)
def test_each_training_setting_changes_the_result(base, change):
    plain = TRAIN.model_copy(update=base)
    assert values(run(train=plain)[0]) != values(run(train=plain.model_copy(update=change))[0])


def test_momentum_changes_the_result():
    for kind in ("sgd", "nesterov", "rmsprop"):
        found = [values(run(train=TRAIN.model_copy(update={"optimiser": kind, "momentum": m}))[0]) for m in (0.5, 0.9)]
        assert found[0] != found[1]


@pytest.mark.parametrize("name", get_args(Activation))
def test_every_activation_trains(name):
    network = NETWORK.model_copy(update={"encoder": (LayerSpec(units=6, activation=name),)})
    records, _ = run(network=network, train=TRAIN.model_copy(update={"epochs": 2, "learning_rate": 0.01}))
    assert records[1].train["loss"] != records[0].train["loss"]


@pytest.mark.parametrize(
    "loss", ["mse", "mae", "huber", "poisson", "negative_binomial", "zero_inflated_negative_binomial"]
)
@pytest.mark.parametrize("mixture_loss", ["kl", "mse", "mae", "kl_mae"])
def test_every_loss_falls(loss, mixture_loss):
    objective = ObjectiveSpec(
        reconstruction=ReconstructionSpec(loss=loss), proportions=ProportionSpec(loss=mixture_loss)
    )
    plain = NetworkSpec(encoder=(LayerSpec(units=16),), code=LayerSpec(units=8), output_activation="softplus")
    records, _ = run(plain, objective, TRAIN.model_copy(update={"epochs": 30, "learning_rate": 0.01}))
    for term in ("reconstruction", "proportions"):
        assert records[-1].train[term] < records[0].train[term]


PLAIN = NetworkSpec(encoder=(LayerSpec(units=6),), code=LayerSpec(units=3), output_activation="softplus")


@pytest.mark.parametrize(
    "change",
    [
        {"input_norm": True},
        {"input_dropout": 0.3},
        {"input_noise": 0.3},
        {"linear_path": True},
        {"decoder": (LayerSpec(units=5),)},
        {"code": None},
        {"code": LayerSpec(units=3, activation="tanh")},
        {"output_activation": "sigmoid"},
        *(
            {"encoder": (LayerSpec(units=6, **setting),)}
            for setting in (
                {"norm": "batch"},
                {"norm": "layer"},
                {"norm": "batch", "norm_after": True},
                {"dropout": 0.3},
                {"init": "he"},
                {"init": "identity"},
                {"init": "pca"},
                {"max_norm": 0.5},
            )
        ),
    ],
    ids=str,
)
def test_each_network_setting_changes_the_result(change):
    short = TRAIN.model_copy(update={"epochs": 2})
    plain = values(run(PLAIN, train=short)[0])
    changed = values(run(PLAIN.model_copy(update=change), train=short)[0])
    assert plain != changed


@pytest.mark.parametrize(
    "change",
    [
        {"orthogonality": 1.0},
        {"decorrelation": 1.0},
        {"l1": 0.01},
        {"l2": 0.01},
        {"classes": ClassSpec(label_smoothing=0.2)},
        {"classes": ClassSpec(weight=0.2)},
        {"classes": ClassSpec(hidden=(LayerSpec(units=4),))},
        {"proportions": ProportionSpec(batch_norm=True)},
        {"proportions": ProportionSpec(weight=5.0)},
        {"reconstruction": ReconstructionSpec(loss="poisson", weight=5.0)},
        {"variational": VariationalSpec()},
    ],
    ids=str,
)
def test_each_objective_setting_changes_the_weights(change):
    short = TRAIN.model_copy(update={"epochs": 2, "optimiser": "sgd"})
    plain, changed = (run(PLAIN, spec, short)[1] for spec in (OBJECTIVE, OBJECTIVE.model_copy(update=change)))
    assert not torch.equal(plain.code_weight, changed.code_weight)


def test_max_norm_holds_after_every_epoch():
    fast = TRAIN.model_copy(update={"learning_rate": 0.5})
    module = made()
    for _ in fit(module, Objective(OBJECTIVE), cells(), None, fast, seed=0):
        assert module.encoder[0].linear.weight.norm(dim=1).max() <= 2.0 + 1e-5


def test_training_makes_the_code_weights_orthonormal():
    network = PLAIN.model_copy(update={"encoder": (LayerSpec(units=8),)})
    objective = OBJECTIVE.model_copy(update={"orthogonality": 10.0})
    records, _ = run(network, objective, TRAIN.model_copy(update={"epochs": 150, "schedule": "cosine"}))
    assert records[-1].train["orthogonality"] < 0.05 < 0.5 < records[0].train["orthogonality"]


def test_a_single_last_cell_does_not_break_batch_norm():
    train = TRAIN.model_copy(update={"epochs": 1})
    assert len(list(fit(made(), Objective(OBJECTIVE), cells(17), cells(1), train, seed=0))) == 1


@pytest.mark.parametrize(
    ("change", "words"), [({"batch_size": 1}, "more than one cell"), ({"monitor": "l1"}, "watch l1")]
)
def test_settings_at_odds_are_refused(change, words):
    with pytest.raises(SpecError, match=words):
        run(train=TRAIN.model_copy(update=change))


def test_a_loss_that_is_no_number_ends_the_run_with_the_last_good_weights():
    wild = TRAIN.model_copy(update={"optimiser": "sgd", "learning_rate": 10.0, "epochs": 50})
    spec = ObjectiveSpec(reconstruction=ReconstructionSpec())
    module = made(NetworkSpec(code=LayerSpec(units=64, activation="linear")), spec)
    with pytest.raises(RunError, match="no longer a number in epoch") as caught:
        list(fit(module, Objective(spec), cells(), None, wild, seed=0))
    assert "learning rate" in caught.value.remedy
    assert all(torch.isfinite(weight).all() for weight in module.parameters())


def test_a_state_of_another_optimiser_is_refused():
    states: list[TrainerState] = []
    run(train=TRAIN.model_copy(update={"epochs": 1}), on_state=states.append)
    with pytest.raises(RunError, match="another optimiser"):
        run(train=TRAIN.model_copy(update={"optimiser": "sgd"}), state=states[-1])


class Own(nn.Module):
    """A network of the user's own, which may run out of memory."""

    def __init__(self, full: BaseException | None = None) -> None:
        super().__init__()
        self.first, self.back, self.full = nn.Linear(10, 2), nn.Linear(2, 10), full

    def encode(self, x: Tensor) -> Tensor:
        return self.first(x)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        if self.full is not None:
            raise self.full
        code = self.encode(x)
        return {"code": code, "reconstruction": self.back(code)}


REBUILD = ObjectiveSpec(reconstruction=ReconstructionSpec())


def test_a_network_of_the_users_own_trains():
    train = TRAIN.model_copy(update={"epochs": 20, "learning_rate": 0.01})
    records = list(fit(Own(), Objective(REBUILD), cells(), None, train, seed=0))
    assert records[-1].train["loss"] < records[0].train["loss"]


def test_full_memory_on_the_cpu_is_said_plainly_and_other_errors_pass():
    with pytest.raises(RunError, match="memory is full"):
        list(fit(Own(MemoryError()), Objective(REBUILD), cells(), None, TRAIN, seed=0))
    with pytest.raises(RuntimeError, match="something else"):
        list(fit(Own(RuntimeError("something else")), Objective(REBUILD), cells(), None, TRAIN, seed=0))


DRAWN = ObjectiveSpec(
    reconstruction=ReconstructionSpec(loss="zero_inflated_negative_binomial"),
    variational=VariationalSpec(weight=0.5, warm_up=4),
)
SHARES = NETWORK.model_copy(update={"library_size": True})


@pytest.mark.parametrize("stopped_after", [1, 4])
def test_a_resumed_run_with_a_drawn_code_equals_an_uninterrupted_one(tmp_path, stopped_after):
    whole, expected = run(SHARES, DRAWN)
    path = tmp_path / "state.safetensors"
    module = made(SHARES, DRAWN)
    first = []
    for record in fit(module, Objective(DRAWN), cells(), cells(17, 1), TRAIN, seed=0, on_state=lambda s: s.save(path)):
        first.append(record)
        if record.number == stopped_after:
            break
    rest, resumed = run(SHARES, DRAWN, state=TrainerState.load(path))
    assert values(first + rest) == values(whole)
    assert same_weights(resumed, expected)


def test_a_drawn_code_leaves_torch_s_own_stream_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    run(SHARES, DRAWN, TRAIN.model_copy(update={"epochs": 2}))
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("split", ["train", "validation"])
def test_while_the_divergence_warms_up_losses_are_told_at_its_full_weight(split):
    for record in run(SHARES, DRAWN)[0]:
        told = getattr(record, split)
        assert told["loss"] == pytest.approx(told["reconstruction"] + 0.5 * told["kl"], rel=1e-5)


def test_warming_up_lets_the_code_say_more_in_the_first_epochs():
    slow = DRAWN.model_copy(update={"variational": VariationalSpec(weight=50.0, warm_up=1000)})
    at_once = DRAWN.model_copy(update={"variational": VariationalSpec(weight=50.0, warm_up=0)})
    train = TRAIN.model_copy(update={"learning_rate": 0.01, "restore_best": False})
    free, held = (run(SHARES, spec, train)[0][-1].validation["kl"] for spec in (slow, at_once))
    assert free > 2 * held


def joined() -> torch.Tensor:
    """Six sets of ten genes, each gene in about half of them and each set with some genes."""
    mask = torch.rand(6, 10, generator=torch.Generator().manual_seed(4)) < 0.5
    mask[:, 0] = True
    return mask


@pytest.mark.parametrize("kind", ["sgd", "nesterov", "adam", "adamw", "rmsprop"])
def test_weights_outside_a_gene_set_stay_zero_whatever_moves_the_others(kind):
    spec = NetworkSpec(
        encoder=(),
        code=LayerSpec(units=6, activation="softplus", max_norm=1.0),
        output_activation="softplus",
        gene_sets=GeneSetLayerSpec(),
    )
    objective = ObjectiveSpec(
        reconstruction=ReconstructionSpec(loss="poisson"),
        variational=VariationalSpec(),
        orthogonality=0.1,
        l1=1e-3,
        l2=1e-3,
    )
    train = TrainSpec(optimiser=kind, weight_decay=0.1, batch_size=8, epochs=5, patience=None, clip_norm=1.0)
    mask = joined()
    module = build(spec, objective, 10, 0, torch.Generator().manual_seed(0), mask=mask)
    before = module.code_layer.linear.weight.detach().clone()
    for _ in fit(module, Objective(objective), cells(), None, train, seed=0):
        for linear in (module.code_layer.linear, module.deviation.linear):
            assert torch.equal(linear.weight != 0, mask)
        assert module.code_layer.linear.weight.norm(dim=1).max() <= 1 + 1e-6
    assert not torch.equal(module.code_layer.linear.weight, before)


def test_bf16_leaves_count_losses_and_the_divergence_in_full_precision():
    module = made(SHARES, DRAWN).train()
    batch = Batch(torch.poisson(torch.full((8, 10), 2.0), torch.Generator().manual_seed(0)))
    with autocast("bf16", torch.device("cpu")):
        outputs = outputs_of(module, batch)
    for name in ("reconstruction", "zero_logits", "code_deviation"):
        assert outputs[name].dtype == torch.float32
    torch.testing.assert_close(outputs["reconstruction"].sum(dim=1), batch.library_size)
    exact = run(SHARES, DRAWN)[0]
    fast = run(SHARES, DRAWN, TRAIN.model_copy(update={"precision": "bf16"}))[0]
    for one, other in zip(exact, fast, strict=True):
        for name, value in one.validation.items():
            assert other.validation[name] == pytest.approx(value, rel=0.05, abs=0.02), name
