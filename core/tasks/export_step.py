"""Write chosen files of finished runs into a folder: copied, or made from what the runs wrote."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import keys
from core.errors import ProjectError
from core.export.citations import citations
from core.export.methods_text import Facts, methods_text
from core.export.recipe_file import write_recipe
from core.export.script import command, script
from core.export.settings_text import settings
from core.export.tables import write_table
from core.files import whole, write_text
from core.project import Project
from core.recipes import RECIPES
from core.results import Results
from core.runs.run import Run
from core.saved import Saved
from core.specs import RunSpec
from core.tasks import export_items as item
from core.tasks.gene_steps import TABLE as GENE_STEPS
from core.tasks.level_view import resafe

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

    from core.export.report import Section

REPORT_WIDTH_MM = 178.0


def export(
    project_root: str,
    chosen: Sequence[Sequence[str]],
    folder: str,
    *,
    width_mm: float = 85.0,
    dpi: int = 300,
    dark: bool = False,
    counts: bool = True,
) -> dict[str, Any]:
    """Write the chosen files, each run's in a folder of its own.

    Parameters
    ----------
    project_root
        The project.
    chosen
        Pairs of a run's folder and the name of an item.
    folder
        Made if it is not there.
    width_mm, dpi
        Of the figures.
    dark
        Figures in the dark theme as well.
    counts
        Keep the layer of raw counts in results.h5ad.

    Returns
    -------
    ``folder``, ``files`` (paths relative to it) and ``bytes``.

    Raises
    ------
    ProjectError
        If the folder cannot be written.
    MissingExtraError
        If figures are asked for and no browser can draw them.
    """
    project, root = Project(Path(project_root)), Path(folder).expanduser().resolve()
    written: list[Path] = []
    for name in dict.fromkeys(run for run, _ in chosen):
        wanted = [what for run, what in chosen if run == name]
        written += _of_run(project, project.run(name), wanted, root / name, width_mm, dpi, dark, counts)
    size = sum(path.stat().st_size for path in written)
    return {"folder": str(root), "files": [str(path.relative_to(root)) for path in written], "bytes": size}


def repeat(spec: RunSpec, out: str) -> str:
    """The command that repeats a run.

    Raises
    ------
    SpecError
        If one line of settings cannot say it; the recipe file can.
    """
    known = RECIPES.get(spec.recipe)
    default = known.for_task(spec.task) if known and spec.task in known.tasks else spec
    return command(spec, default, out)


def methods(run: Run) -> tuple[str, list[str]]:
    """The methods text of a run and what it cites."""
    spec, summary = run.spec, run.summary
    known = RECIPES.get(spec.recipe)
    citation = known.citation if known else ""
    deconvolved, by_model = spec.task == "deconvolve", spec.data.model is not None
    facts = Facts(
        cells=summary.get("reference_cells") or (None if deconvolved or by_model else summary.get("cells")),
        genes=summary.get("genes"),
        types=len(summary["classes"]) if summary.get("classes") else None,
        query_cells=summary.get("cells") if spec.task == "annotate" else None,
        samples=summary.get("samples") if deconvolved else None,
        epochs=tuple(summary.get("epochs", ())),
    )
    return methods_text(spec, facts, citation), citations(spec, citation)


def _of_run(
    project: Project, run: Run, wanted: list[str], folder: Path, width_mm: float, dpi: int, dark: bool, counts: bool
) -> list[Path]:
    written: list[Path] = []
    results = Results(run)
    for name in wanted:
        target = folder / name
        if name == item.RESULTS:
            written.append(_results(project, run, target, counts))
        elif name == item.FIGURES:
            written += _figures(results, target, width_mm, dpi, dark)
        elif name == item.REPORT:
            written.append(_report(project, results, target))
        elif name == item.RECIPE:
            written.append(write_recipe(run.spec, target))
        elif name == item.SCRIPT:
            written.append(write_text(target, script(run.spec, "results", title=f"{project.name}, {run.name}")))
        elif name == item.COMMAND:
            written.append(write_text(target, repeat(run.spec, "results") + "\n"))
        else:
            written.append(_copied(project, run, name, target))
    return written


def _copied(project: Project, run: Run, name: str, target: Path) -> Path:
    saved = Saved.of(project, run)
    as_saved = name == "annotation.csv" and saved.rate is not None
    source = saved.labels_path if as_saved else run.directory / Path(name).name
    kept = item.kept_files(run)
    if name in kept:
        source = kept[name][1]
    if not source.is_file():
        raise ProjectError("The run has no such file", name, "Choose from the list on the Export page")
    if name == "label_levels.csv" and saved.rate is not None:
        return write_table(_levels_as_saved(Results(run), saved).reset_index(), "label_levels", target.parent)
    with whole(target) as partial:
        shutil.copyfile(source, partial)
    return target


def _results(project: Project, run: Run, target: Path, counts: bool) -> Path:
    from core.export.adata import write_adata

    saved = Saved.of(project, run)
    if counts and not saved.names and saved.rate is None:
        return _copied(project, run, item.RESULTS, target)
    results = Results(run)
    return write_adata(with_saved(results.adata, saved, results), target, counts=counts)


def with_saved(adata: AnnData, saved: Saved, results: Results | None = None) -> AnnData:
    """``adata`` with the kept selections as columns of True and False, and the labels as they were kept.

    ``results``: of the run, for the labels at other levels; not needed where labels have one.
    """
    import pandas as pd

    for name, cells in saved.selections(adata.obs_names).items():
        adata.obs[str(name)] = cells.to_numpy()
    if saved.rate is not None:
        table = pd.read_csv(saved.labels_path, dtype={"cell": str, "cell_type": str}, keep_default_na=False)
        table = table.set_index("cell").reindex(adata.obs_names)
        adata.obs[keys.LABEL] = pd.Categorical(table["cell_type"])
        adata.obs[keys.ASSIGNED] = table["assigned"].astype(bool).to_numpy()
        if results is not None and results.has("label_levels"):
            adata.obs[keys.SAFE_LABEL] = pd.Categorical(_levels_as_saved(results, saved)["safe_label"])
    return adata


def _levels_as_saved(results: Results, saved: Saved) -> pd.DataFrame:
    """label_levels.csv with the deepest safe labels of the cells that were kept with a label; cells as index."""
    import pandas as pd

    table = results.table("label_levels")
    kept = pd.read_csv(saved.labels_path, dtype={"cell": str}, keep_default_na=False)
    assigned = kept.set_index("cell")["assigned"].reindex(table.index).to_numpy(bool)
    return table.assign(safe_label=resafe(table, results.run.summary["levels"], assigned))


def _figures(results: Results, folder: Path, width_mm: float, dpi: int, dark: bool) -> list[Path]:
    from core.export.images import write_images
    from core.figures.tokens import DARK, LIGHT
    from core.tasks.export_figures import run_figures

    figures = {name: figure for name, (figure, _) in run_figures(results, LIGHT).items()}
    if dark:
        figures |= {f"{name}_dark": figure for name, (figure, _) in run_figures(results, DARK).items()}
    return write_images(figures, folder, width_mm=width_mm, dpi=dpi)


def _report(project: Project, results: Results, target: Path) -> Path:
    from core.export.images import render
    from core.export.report import Picture, Report, Section, write_report
    from core.tasks.export_figures import run_figures

    run, summary = results.run, results.run.summary
    drawn = run_figures(results)
    files = render({name: figure for name, (figure, _) in drawn.items()}, formats=("svg",), width_mm=REPORT_WIDTH_MM)
    pictures = [Picture(files[f"{name}.svg"].decode(), caption) for name, (_, caption) in drawn.items()]
    text, cited = methods(run)
    notes = [Section("Notes", text=" ".join(summary["notes"]))] if summary.get("notes") else []
    report = Report(
        title=f"{project.name}, {run.name}",
        subtitle=f"Task: {run.spec.task}. Recipe: {run.spec.recipe or 'own settings'}.",
        data=_data(run),
        sections=[Section("Figures", pictures=pictures), *_gene_steps(results), *notes],
        settings=settings(run.spec),
        methods=text,
        citations=cited,
        command=repeat(run.spec, "results"),
        versions=summary.get("versions", {}),
        fingerprints=summary.get("fingerprints", {}),
    )
    return write_report(report, target)


def _gene_steps(results: Results) -> list[Section]:
    """How many genes each step of their choice left; nothing for runs that did not count them."""
    from core.export.report import Section

    if not results.has(GENE_STEPS):
        return []
    table = results.table(GENE_STEPS)
    rows = [(row["reference"], row["step"], f"{row['genes']:,}") for row in table.to_dict("records")]
    return [Section("Genes", columns=("Chosen for the", "What was asked of a gene", "Genes left"), rows=rows)]


def _data(run: Run) -> list[tuple[str, object]]:
    sources = {"Reference": run.spec.data.reference, "Query": run.spec.data.query, "Bulk": run.spec.data.bulk}
    rows: list[tuple[str, object]] = [(role, Path(source.path).name) for role, source in sources.items() if source]
    counted = ("cells", "reference_cells", "samples", "genes", "units", "networks", "seconds")
    return rows + [(name.replace("_", " ").capitalize(), run.summary[name]) for name in counted if name in run.summary]
