"""represent: train on the reference, then code, embedding and pathway impact."""

from __future__ import annotations

from typing import cast

import pandas as pd

from core.export.tables import write_table
from core.model import TrainedModel
from core.runs.run import Run
from core.specs import RepresentSpec
from core.tasks.gene_set_layer import learned_of
from core.tasks.impact import impact_tables
from core.tasks.load import gene_sets, inputs, labelled, labels_or_none, present
from core.tasks.members import cell_batches, needs_components, train_members
from core.tasks.outputs import code_table, training_facts, write_cells, write_summary
from core.tasks.pictures import pictures
from core.tasks.prepare import IMPACT, Prepared, prepare, rng
from core.tasks.progress import Progress
from core.tasks.watched import Watched, watched_cells
from core.training.predict import outputs


def perform(run: Run, progress: Progress) -> None:
    """Train and write model, code.csv, embedding.csv, impact.csv (with gene sets), results.h5ad and summary.json."""
    spec = run.spec
    analysis = cast("RepresentSpec", spec.analysis)
    data = inputs(spec, progress, "reference")
    reference = present(data.reference)
    if spec.objective.classes:
        reference = labelled(reference)
    sets = gene_sets(spec.data)
    prepared = prepare(reference, spec, progress)
    model = trained(prepared, run, progress, watched_cells(prepared, reference))
    model.save(run.model_path)

    progress.phase("Computing the code")
    code = outputs(model.networks[0], prepared.x, names={"code"})["code"]
    drawn = pictures(prepared.aligned, code, labels_or_none(reference), analysis.embedding, spec.seed, progress)
    cells = reference.adata.obs_names
    write_table(code_table(code, cells), "code", run.directory)
    write_table(pd.DataFrame({"cell": cells, "x": drawn.code[:, 0], "y": drawn.code[:, 1]}), "embedding", run.directory)
    write_table(drawn.quality, "pictures", run.directory)
    facts, impact = training_facts(run), None
    if sets and model.transform.loadings is not None:
        progress.note("The network sees principal components, so there is no pathway impact.")
    elif sets:
        progress.phase("Pathway impact")
        found = impact_tables(
            model, prepared.aligned, sets, analysis.impact, labels_or_none(reference), code, rng(spec, IMPACT)
        )
        for name, table in found.tables.items():
            write_table(table, name, run.directory)
        impact, facts = found.tables["impact"].set_index("gene_set"), facts | {"impact": found.facts}
    progress.phase("Writing the results")
    write_cells(run, reference, code=code, drawn=drawn, impact=impact)
    write_summary(run, data.fingerprints(), cells=len(cells), genes=len(model.genes), units=code.shape[1], **facts)


def trained(prepared: Prepared, run: Run, progress: Progress, watched: Watched | None = None) -> TrainedModel:
    """The model of a prepared reference: trained networks with genes, transform and types; ``watched`` for a replay."""
    spec, layer = prepared.spec, prepared.layer
    train, validation = cell_batches(prepared)
    networks = train_members(
        spec,
        progress,
        train,
        validation,
        prepared.transform.n_inputs,
        len(prepared.classes),
        labels=None if prepared.labels is None else prepared.labels[prepared.train],
        start_from=prepared.x[prepared.train] if needs_components(spec) else None,
        mask=layer.mask if layer else None,
        watched=watched,
    )
    learned = learned_of(layer)
    return TrainedModel(spec, networks, prepared.features, prepared.transform, prepared.classes, learned)
