"""Conduct a search: start trials, watch their epochs, cut poor ones short, and write down how each one ended."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.errors import RunError, SpecError
from core.runs import launch
from core.runs.run import Run
from core.search.sampling import cut_short, importance, suggestion
from core.search.trial import OPEN, Trial, best, judged, trial_spec

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.search.folder import Search

POLL_SECONDS = 0.2
TIMES_LOST = 2
"""How often a trial whose process vanishes is started again before it counts as failed."""
FAILURES_IN_A_ROW = 3
"""Trials that fail one after another, with none complete, before the search gives up: the fault is not theirs."""
IMPORTANCE_SECONDS = 15.0


@dataclass
class _Watched:
    """A trial whose run is going on."""

    trial: Trial
    run: Run
    pruned: int | None = None
    seen: int = 0
    lost: int = 0


@dataclass
class Conductor:
    """One search between its first trial and its last.

    Attributes
    ----------
    search
        Where everything is written.
    ended
        Told each trial as it ends.
    """

    search: Search
    ended: Callable[[Trial], None] = lambda _: None
    _watched: list[_Watched] = field(default_factory=list)
    _importance_at: float = 0.0

    def __post_init__(self) -> None:
        self.spec, self.base = self.search.spec, self.search.base
        self.trials = {trial.number: trial for trial in self.search.trials()}
        self._exhausted = False

    def conduct(self, tick: Callable[[], None] = lambda: None) -> None:
        """Make every trial and repeat that is left, or stop when asked to; ``tick`` is called at every look.

        Raises
        ------
        RunError
            If trial after trial fails.
        """
        for trial in [trial for trial in self.trials.values() if trial.state in OPEN]:
            self._take_up(trial)
        while True:
            stopping = self.search.stop_requested
            self._look(stopping)
            while not stopping and len(self._watched) < self.spec.parallel:
                trial = self._next()
                if trial is None:
                    break
                self._start(trial)
            tick()
            if not self._watched and (stopping or self._next() is None):
                break
            time.sleep(POLL_SECONDS)
        self._weigh(now=True)

    @property
    def done(self) -> int:
        """Trials and repeats that have ended."""
        return sum(trial.state not in OPEN for trial in self.trials.values())

    def _next(self) -> Trial | None:
        """The next trial, or the next repeat of the best once all trials have ended."""
        own = [trial for trial in self.trials.values() if not trial.repeats]
        if len(own) < self.spec.planned and not self._exhausted:
            number = len(own) + 1
            settings = suggestion(self.spec, self.base, own, number)
            if settings is not None:
                return Trial(number, settings, seed=self.base.seed)
            self._exhausted = True
        made = len(self.trials) - len(own)
        chosen = best(own, self.spec)
        if any(trial.state in OPEN for trial in own) or chosen is None or made >= self.spec.repeats:
            return None
        return Trial(
            len(self.trials) + 1, chosen.settings, repeats=chosen.number, seed=(self.base.seed + made + 1) % 2**31
        )

    def _start(self, trial: Trial) -> None:
        """Write ``trial`` down before its run is made, so that a search cut off in between makes it once."""
        self._write(trial)
        try:
            spec = trial_spec(self.base, self.spec, trial)
        except SpecError as problem:
            self._end(trial.changed(state="refused", reason=str(problem)))
            return
        run = self.search.new_run(trial, spec)
        trial = trial.changed(run=self.search.relative(run))
        self._write(trial)
        launch.launch(run, training_only=True)
        self._watched.append(_Watched(trial, run))

    def _take_up(self, trial: Trial) -> None:
        """Go on with a trial that an earlier process of this search left behind."""
        run = self.search.run_of(trial)
        if run is None:
            self._start(trial.changed(state="running", run=""))
            return
        each = _Watched(trial.changed(state="running"), run)
        self._prune(each)
        status = run.status
        trained = status.state in ("finished", "stopped") and not run.stop_requested
        if not (status.active or trained or each.pruned or status.state == "failed"):
            launch.launch(run, training_only=True)
        self._write(each.trial)
        self._watched.append(each)

    def _look(self, stopping: bool) -> None:
        for each in list(self._watched):
            status = each.run.status  # before the epochs: what ended has written them all
            self._prune(each)
            if (stopping or each.pruned) and status.active and not each.run.stop_requested:
                each.run.request_stop()
            if status.active:
                continue
            if status.state == "lost" and not stopping and not each.pruned and each.lost < TIMES_LOST:
                each.lost += 1
                launch.launch(each.run, training_only=True)
                continue
            self._watched.remove(each)
            self._end(self._outcome(each, stopping))

    def _prune(self, each: _Watched) -> None:
        """Compare the epochs that are new with those of the trials that have ended."""
        if each.trial.repeats or each.pruned or self.spec.pruning is None:
            return
        epochs = each.run.epochs()
        if len(epochs) == each.seen:
            return
        each.seen = len(epochs)
        values = judged(epochs, self.spec.metric, restore_best=each.run.spec.training.restore_best).values
        each.pruned = cut_short(self.spec, list(self.trials.values()), values)

    def _outcome(self, each: _Watched, stopping: bool) -> Trial:
        status, run = each.run.status, each.run
        epochs = run.epochs()
        found = judged(epochs, self.spec.metric, restore_best=run.spec.training.restore_best, until=each.pruned)
        trial = each.trial.changed(
            value=found.value, epochs=found.epochs, seconds=round(found.seconds, 3), values=found.values
        )
        if each.pruned:
            reason = f"Worse than the median of earlier trials after epoch {each.pruned}."
            return trial.changed(state="pruned", reason=reason)
        if status.state == "failed":
            error = status.error or {}
            reason = " ".join(str(error[part]) for part in ("what", "value") if error.get(part))
            at_odds = status.error_kind == SpecError.__name__  # settings that only the data show not to fit
            return trial.changed(state="refused" if at_odds else "failed", reason=reason)
        if status.state == "lost" and not stopping:
            return trial.changed(state="failed", reason="Its process ended without a word, again and again.")
        if status.state == "lost" or (stopping and run.stop_requested):
            return trial.changed(state="waiting")
        if run.stop_requested:
            return trial.changed(state="stopped", reason=f"Stopped by hand after {found.epochs} epochs.")
        return trial.changed(state="complete")

    def _end(self, trial: Trial) -> None:
        self._write(trial)
        if trial.state in OPEN:
            return
        self.search.log(f"trial {trial.number} {trial.state} {trial.reason}".rstrip())
        self.ended(trial)
        self._weigh()
        ended = [each for each in self.trials.values() if each.state not in (*OPEN, "refused")]
        if len(ended) >= FAILURES_IN_A_ROW and all(each.state == "failed" for each in ended):
            for each in self._watched:
                each.run.request_stop()
            raise RunError("Trial after trial failed", trial.reason, "Train the draft alone on the Runs page first")

    def _weigh(self, now: bool = False) -> None:
        """Keep how much each dimension matters, now and then."""
        if not now and time.monotonic() - self._importance_at < IMPORTANCE_SECONDS:
            return
        trials = list(self.trials.values())
        shares = importance(self.spec, trials)
        self._importance_at = time.monotonic()
        if shares is not None:
            self.search.keep_importance(shares, trials)

    def _write(self, trial: Trial) -> None:
        self.trials[trial.number] = trial
        self.search.write(trial)
