"""Controls that several rows of one analysis share: divided among them, or their cases combined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from genopool.association.answers import NAN
from genopool.studies.findings import Finding

if TYPE_CHECKING:
    from genopool.association.effects import Effect
    from genopool.config import Config


def share_controls(chosen: Sequence[Effect], config: Config) -> list[Finding]:
    """Divide or combine, in place, the controls that rows of one pooled set share.

    Parameters
    ----------
    chosen : sequence of Effect
        The rows that are counted.
    config : Config
    """
    groups: dict[str, list[Effect]] = {}
    for effect in chosen:
        if effect.row.control_group:
            groups.setdefault(effect.row.control_group, []).append(effect)
    findings = []
    for name, effects in groups.items():
        counted = [effect for effect in effects if effect.source == "counts"]
        names = ", ".join(sorted({effect.row.name for effect in effects}))
        if len(counted) < len(effects) and len(effects) > 1:
            first = next(effect for effect in effects if effect.source == "reported")
            findings.append(
                first.row.finding(
                    "warning",
                    "shared_controls_reported",
                    f"{names} share the controls {name!r}, and a reported estimate among them "
                    "cannot be divided",
                    why="the shared controls are counted more than once",
                    action="pooled as reported",
                )
            )
        if len(counted) < 2:
            continue
        whole = config.pooling.needs_whole_counts
        if config.shared_controls == "divide" and not whole:
            for effect in counted:
                effect.controls = effect.controls.scaled(1 / len(counted))
            action = f"each row is given 1/{len(counted)} of them"
        else:
            _combine(counted)
            action = "their cases are combined into one row"
            if whole and config.shared_controls == "divide":
                action += f", since method: {config.pooling.method} needs whole counts"
        findings.append(
            counted[0].row.finding(
                "note",
                "shared_controls",
                f"{names} share the controls {name!r}",
                why="the same controls may not be counted twice",
                action=action,
            )
        )
    return findings


def _combine(effects: list[Effect]) -> None:
    """Put the cases of all into the row with the most controls."""
    main = max(effects, key=lambda effect: effect.n_controls)
    main.cases = main.cases.plus([e.cases for e in effects if e is not main])
    main.n_cases = main.cases.people
    main.members = tuple(effects)
    for effect in effects:
        if effect is not main:
            effect.combined_with = main
            effect.cases = effect.controls = None
            effect.n_cases = effect.n_controls = NAN
            effect.reason = f"cases counted with {main.study} (shared controls)"
