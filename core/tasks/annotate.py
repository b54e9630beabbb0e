"""annotate: train on the reference, calibrate on cells held out of it, then label the query."""

from __future__ import annotations

import time
from typing import cast

import numpy as np
import pandas as pd

from core.annotation.calibration import Calibration
from core.annotation.rejection import OpenSet
from core.data.ahead import ahead
from core.data.align import align
from core.data.dataset import Dataset
from core.data.validate import shared_findings
from core.export.tables import write_table
from core.model import TrainedModel
from core.runs.run import Run
from core.specs import AnnotateSpec
from core.tasks.calls import backoff_of, called
from core.tasks.judge import Members, annotation
from core.tasks.kept_reference import kept_facts, with_reference
from core.tasks.levels import require_groups, tree_of_columns
from core.tasks.load import inputs, labelled, labels_or_none, present, tell
from core.tasks.outputs import code_table, training_facts, write_cells, write_summary
from core.tasks.own_baseline import baseline_facts, own_baseline, refused_by_own_baseline
from core.tasks.own_labels import own_label_facts
from core.tasks.pictures import cell_graph, pictures
from core.tasks.prepare import SMOOTHING, prepare, rng
from core.tasks.progress import Progress
from core.tasks.represent import trained
from core.tasks.smooth import by_all_genes, smoothed
from core.tasks.trust import calibrated
from core.tasks.watched import watched_cells


def perform(run: Run, progress: Progress) -> None:
    """Write model, annotation.csv, probabilities.csv, what was learned about trust, results.h5ad and summary.json."""
    spec = run.spec
    data = inputs(spec, progress, "reference", "query")
    reference = labelled(present(data.reference))
    query, crossed = present(data.query), {}
    resumed, began = bool(run.epochs()), time.process_time()
    if spec.data.bridge is not None:
        from core.tasks.bridge import across

        over = across(reference, query, run, progress)
        reference, query, crossed = over.reference, over.query, over.facts
    tell(shared_findings(reference, query), progress)
    tree = tree_of_columns(reference)
    prepared = prepare(reference, spec, progress, query=query)
    require_groups(cast("AnnotateSpec", spec.analysis).groups, prepared.classes)
    model = trained(prepared, run, progress, watched_cells(prepared, reference, query))
    learned = time.process_time()
    model = calibrated(model, prepared, _batches(reference), run, progress, tree)
    seconds = {"training": learned - began, "calibration": time.process_time() - learned}
    model = with_reference(model, prepared, run)
    if spec.data.bridge is not None:
        from core.tasks.bridge import write_bridge_types

        write_bridge_types(run)
    model.save(run.model_path)
    seconds["labelling"] = label(model, query, run, progress)
    write_summary(
        run,
        data.fingerprints(),
        cells=query.n_cells,
        reference_cells=reference.n_cells,
        genes=len(model.genes),
        classes=list(model.classes),
        # of a resumed run this process saw a part alone
        cpu_seconds=None if resumed else {part: round(spent, 2) for part, spent in seconds.items()},
        **training_facts(run),
        **label_facts(run, model, query),
        **kept_facts(model),
        **crossed,
    )


def label(model: TrainedModel, query: Dataset, run: Run, progress: Progress) -> float:
    """Label ``query`` and write annotation.csv, probabilities.csv and results.h5ad.

    Returns
    -------
    CPU seconds that the labels took; pictures and files are not counted.
    """
    progress.phase("Labelling the query")
    began = time.process_time()
    aligned = align(query, model.genes, keep=False)
    if aligned.missing:
        progress.note(
            f"The query lacks {len(aligned.missing):,} of {len(model.genes):,} genes; the reference mean stands in."
        )
    judged_by = cast("AnnotateSpec", model.spec.analysis)
    aligned = smoothed(aligned, by_all_genes(query, judged_by), judged_by, rng(model.spec, SMOOTHING))
    members, cells = Members.of(model), query.adata.obs_names
    calibration = Calibration.from_dict(model.learned["calibration"])
    known = OpenSet.from_dict(model.learned["open_set"])
    transforms, found, measured, codes = members.transforms(aligned), [], [], []
    inputs = ((rows, members.seen(part, transforms)) for rows, part in aligned.parts())
    for rows, seen in ahead(inputs):
        said, code = members.judged(seen)
        votes = members.shares.joined(said)
        found.append(annotation(cells[rows], votes, seen[-1], model.classes, calibration, known))
        codes.append(code)
        if own_baseline(judged_by, query):
            measured.append(known.measured(seen[-1], votes.logits))
    spent = time.process_time() - began
    table, probabilities = (pd.concat(parts) for parts in zip(*found, strict=True))
    table = table.reset_index(drop=True)
    if own_baseline(judged_by, query):
        table = refused_by_own_baseline(table, np.concatenate(measured), known, run)
    analysis = cast("AnnotateSpec", model.spec.analysis)
    graph = cell_graph(aligned, analysis, model.spec.seed, progress) if analysis.voting else None
    told = called(table, probabilities, model, graph.neighbours if graph else None)
    table = told.annotation
    told.write(run)
    write_table(probabilities.reset_index(), "probabilities", run.directory)
    code = np.concatenate(codes)
    drawn = pictures(
        aligned,
        code,
        table["cell_type"].to_numpy(),
        analysis.embedding,
        model.spec.seed,
        progress,
        graph,
    )
    write_table(code_table(code, cells), "code", run.directory)
    write_table(pd.DataFrame({"cell": cells, "x": drawn.code[:, 0], "y": drawn.code[:, 1]}), "embedding", run.directory)
    write_table(drawn.quality, "pictures", run.directory)
    progress.phase("Writing the results")
    write_cells(
        run,
        query,
        code=code,
        drawn=drawn,
        annotation=table,
        probabilities=probabilities,
        levels=told.levels,
        votes=told.votes,
    )
    return spent


def label_facts(run: Run, model: TrainedModel, query: Dataset) -> dict[str, object]:
    """How many cells got a label and, where the query names its own types, how far they agree."""
    table = pd.read_csv(run.directory / "annotation.csv", keep_default_na=False, dtype={"cell_type": str})
    facts: dict[str, object] = {
        "assigned": int(table["assigned"].sum()),
        "mean_probability": float(table["probability"].mean()),
        "calibration": {name: value for name, value in model.learned["calibration"].items() if name != "cutoffs"},
        "false_reject_rate": model.learned["open_set"]["false_reject_rate"],
    }
    facts |= baseline_facts(run, model)
    backoff, votes = backoff_of(model), run.directory / "votes.csv"
    if backoff is not None:
        facts["levels"] = list(backoff.hierarchy.levels)
    if votes.exists():
        before = pd.read_csv(votes, keep_default_na=False, dtype={"own_type": str})["own_type"].to_numpy()
        facts["changed_by_vote"] = int((before != table["cell_type"].to_numpy()).sum())
    own = labels_or_none(query)
    if own is not None:
        tree = backoff.hierarchy if backoff else None
        facts |= own_label_facts(run, own, query.label_column, model.classes, tree)
    return facts


def _batches(reference: Dataset) -> np.ndarray | None:
    column = reference.batch_column
    return None if column is None else reference.adata.obs[column].astype(str).to_numpy()
