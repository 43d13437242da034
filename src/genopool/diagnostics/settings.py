"""Thresholds of the checks of the input, as the configuration gives them.

No numerics, so that reading a configuration stays quick.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from genopool.pooling.settings import Part


class HardyWeinbergCheck(Part):
    """p-values of the Hardy-Weinberg test below which a finding is written."""

    warning: Annotated[float, Field(ge=0, le=1)] = 1.0e-4
    note: Annotated[float, Field(ge=0, le=1)] = 0.05


class Checks(Part):
    """Thresholds of the checks of the input."""

    hwe: HardyWeinbergCheck = Field(default_factory=HardyWeinbergCheck)
