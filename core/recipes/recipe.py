"""What a recipe is: a run's settings with the paper they come from."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.errors import SpecError
from core.specs import ANALYSES, RunSpec, Spec, Task


@dataclass(frozen=True)
class Recipe:
    """One published system, or CellDesk's own best, as a starting point.

    ``spec`` holds the settings for its own task; ``analyses`` those for further tasks it can serve.
    """

    name: str
    title: str
    system: str
    sentence: str
    citation: str
    needs: tuple[str, ...]
    spec: RunSpec
    analyses: tuple[Spec, ...] = ()
    card: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def tasks(self) -> tuple[str, ...]:
        """Every task this recipe serves, its own first."""
        return (self.spec.task, *(analysis.task for analysis in self.analyses))  # type: ignore[attr-defined]

    def for_task(self, task: Task | str) -> RunSpec:
        """The settings of this recipe for ``task``.

        Raises
        ------
        SpecError
            If the recipe has no head for the task.
        """
        if task == self.spec.task:
            return self.spec
        for analysis in self.analyses:
            if analysis.task == task:  # type: ignore[attr-defined]
                return self.spec.model_copy(update={"analysis": analysis})
        if task not in ANALYSES:
            raise SpecError("There is no such task", task, f"Use one of: {', '.join(ANALYSES)}")
        raise SpecError(
            f"The recipe {self.name} cannot {task}", task, f"It serves: {', '.join(self.tasks)}; choose another recipe"
        )
