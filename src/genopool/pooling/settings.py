"""How studies are pooled, as the configuration says it, and which choices go together.

No numerics, so that reading a configuration stays quick.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Tau2Method = Literal[
    "EE", "DL", "DLIT", "DL2", "CA2", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM"
]
Interval = Literal[
    "wald",
    "wald-t",
    "hartung-knapp",
    "hartung-knapp-adhoc",
    "hartung-knapp-iqwig",
    "kenward-roger",
    "henmi-copas",
    "profile-likelihood",
    "profile-likelihood-bartlett",
    "exact",
    "equal-tailed",
    "shortest",
]
Prediction = Literal["default", "riley", "nagashima", "none"]
Method = Literal[
    "inverse-variance",
    "mantel-haenszel",
    "peto",
    "exact",
    "UM.FS",
    "UM.RS",
    "CM.EL",
    "CM.AL",
    "bayes",
]

ONE_STAGE = ("UM.FS", "UM.RS", "CM.EL", "CM.AL")
#: Intervals of the inverse-variance mean that belong to one estimator of tau².
ONLY_WITH = {
    "kenward-roger": "REML",
    "henmi-copas": "DL",
    "profile-likelihood": "ML",
    "profile-likelihood-bartlett": "ML",
}
_ANY_ESTIMATOR = (
    "hartung-knapp",
    "hartung-knapp-adhoc",
    "hartung-knapp-iqwig",
    "wald",
    "wald-t",
)


class Part(BaseModel):
    """A part of the configuration: unknown keys are refused, and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _correction(value: Any) -> Any:
    is_amount = isinstance(value, int | float) and not isinstance(value, bool)
    if value != "treatment-arm" and not (is_amount and 0 < value < float("inf")):
        raise ValueError(f"{value!r} is neither an amount above 0 nor treatment-arm")
    return value


class ZeroCells(Part):
    """What is done about cells with nobody in them."""

    correction: Annotated[float | Literal["treatment-arm"], BeforeValidator(_correction)] = Field(
        0.5, description="The amount added to each cell, or treatment-arm."
    )
    apply: Literal["only0", "if0all", "all", "none"] = Field(
        "only0",
        description="To studies with a zero cell, to all studies of a pooled set if one has a "
        "zero, to all, or to none.",
    )
    drop_double_zero: bool = Field(
        True, description="Leave out studies in which nobody, or everybody, has the exposure."
    )


class Bayes(Part):
    """Priors of the Bayesian random-effects model."""

    tau_prior: Literal["half-normal", "half-cauchy", "uniform", "log-normal"] = Field(
        "half-normal", description="Prior of tau; log-normal is a prior of tau² (Turner 2015)."
    )
    tau_scale: Annotated[float, Field(gt=0, allow_inf_nan=False)] | tuple[float, float] | None = (
        Field(
            None,
            description="Scale of the prior, 0.5 by default; the upper end of a uniform one; mean "
            "and standard deviation of log tau² of a log-normal one, by default [-2.56, 1.74].",
        )
    )
    effect_prior: tuple[float, Annotated[float, Field(gt=0)]] | None = Field(
        None, description="Mean and standard deviation of the log odds ratio's prior; flat if none."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Bayes:
        if self.tau_prior == "uniform" and self.tau_scale is None:
            raise ValueError("tau_prior: uniform needs tau_scale, its upper end")
        pair = isinstance(self.tau_scale, tuple)
        if self.tau_scale is not None and pair != (self.tau_prior == "log-normal"):
            wanted = "two numbers" if self.tau_prior == "log-normal" else "one number"
            raise ValueError(f"tau_scale of tau_prior: {self.tau_prior} is {wanted}")
        return self


class Pooling(Part):
    """How studies are pooled."""

    method: Method = Field("inverse-variance", description="How odds ratios are pooled.")
    tau2: Tau2Method | None = Field(
        None, description="Estimator of tau² (metafor's names): REML by default."
    )
    interval: Interval | None = Field(
        None,
        description="Interval of the mean: hartung-knapp by default, wald with tau2: EE and with "
        "methods other than inverse-variance, equal-tailed with bayes.",
    )
    level: Annotated[float, Field(gt=0, lt=1)] = Field(0.95, description="Level of every interval.")
    prediction: Prediction | None = Field(
        None, description="Prediction interval: metafor's (default), Riley's, Nagashima's, none."
    )
    between_strata: Literal["common", "separate"] | None = Field(
        None, description="tau² in the between-stratum test: common by default."
    )
    zero_cells: ZeroCells = Field(default_factory=ZeroCells)
    bayes: Bayes = Field(default_factory=Bayes)

    @model_validator(mode="after")
    def _possible(self) -> Pooling:
        problems = pooling_problems(self)
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def needs_counts(self) -> bool:
        """Whether the method pools 2×2 tables, which reported estimates do not have."""
        return self.method not in ("inverse-variance", "bayes")

    @property
    def needs_whole_counts(self) -> bool:
        """Whether the counts have to be whole numbers, so that controls cannot be divided."""
        return self.method in ("exact", *ONE_STAGE)

    @property
    def has_tau2(self) -> bool:
        return self.method == "bayes" or self.tau2_used not in ("", "EE")

    @property
    def tau2_used(self) -> str:
        """Estimator of tau²; blank where the method has none or is not an estimator."""
        if self.method in ONE_STAGE:
            return "ML"
        return (self.tau2 or "REML") if self.method == "inverse-variance" else ""

    @property
    def interval_used(self) -> str:
        return self.interval or possible_intervals(self)[0]

    @property
    def inverse_variance(self) -> dict[str, Any]:
        """What `genopool.pool` takes to do as configured; REML and Hartung-Knapp's interval where
        the method is another one."""
        if self.method != "inverse-variance":
            return {"tau2": "REML", "interval": "hartung-knapp", "level": self.level}
        return {"tau2": self.tau2_used, "interval": self.interval_used, "level": self.level}

    @property
    def prediction_used(self) -> str:
        return self.prediction or "default"

    @property
    def between_strata_used(self) -> str:
        default = "common" if self.method == "inverse-variance" else "separate"
        return self.between_strata or default


def possible_intervals(pooling: Pooling) -> tuple[str, ...]:
    """The intervals of a method (and estimator of tau²), the default first."""
    if pooling.method == "inverse-variance":
        tau2 = pooling.tau2 or "REML"
        if tau2 == "EE":
            return ("wald",)
        return (*_ANY_ESTIMATOR, *(name for name, only in ONLY_WITH.items() if only == tau2))
    if pooling.method in ONE_STAGE:
        return ("wald", "profile-likelihood")
    if pooling.method == "bayes":
        return ("equal-tailed", "shortest")
    return ("exact",) if pooling.method == "exact" else ("wald",)


def pooling_problems(pooling: Pooling) -> list[str]:
    """Choices that do not go together, each with what is possible."""
    method, problems = pooling.method, []
    if method != "inverse-variance" and pooling.tau2 is not None:
        why = "estimates tau² by maximum likelihood" if method in ONE_STAGE else "has none"
        if method == "bayes":
            why = "has a prior of tau (bayes: tau_prior)"
        problems.append(
            f"tau2: {pooling.tau2} is for method: inverse-variance; {method} {why}, leave tau2 out"
        )
    intervals = possible_intervals(pooling)
    if pooling.interval is not None and pooling.interval not in intervals:
        of = f"method: {method}"
        if method == "inverse-variance":
            of = f"tau2: {pooling.tau2 or 'REML'}"
            only = ONLY_WITH.get(pooling.interval)
            if pooling.tau2 == "EE":
                of = "tau2: EE (equal effects)"
            elif only:
                of += f", since it belongs to tau2: {only}"
        problems.append(
            f"interval: {pooling.interval} does not go with {of}; possible: {', '.join(intervals)}"
        )
    predictions = ["default", "riley", "nagashima", "none"]
    if method in (*ONE_STAGE, "bayes"):
        predictions = ["default", "none"]
    elif method != "inverse-variance" or pooling.tau2 == "EE":
        predictions = ["none"]
    if pooling.prediction is not None and pooling.prediction not in predictions:
        problems.append(
            f"prediction: {pooling.prediction} does not go with method: {method}"
            + (" and tau2: EE" if pooling.tau2 == "EE" else "")
            + f"; possible: {', '.join(predictions)}"
        )
    if method != "inverse-variance" and pooling.between_strata == "common":
        problems.append(
            f"between_strata: common is for method: inverse-variance; possible with {method}: "
            "separate"
        )
    if pooling.needs_counts and pooling.zero_cells.apply == "none":
        problems.append(
            f"zero_cells: apply: none leaves studies with a zero cell without an odds ratio to "
            f"show; {method} pools the counts as they are whatever apply says; possible: only0, "
            "if0all, all"
        )
    if method in ("UM.FS", "CM.EL", "CM.AL") and not pooling.zero_cells.drop_double_zero:
        problems.append(
            f"zero_cells: drop_double_zero: false has no effect with method: {method}, in which "
            "such studies tell nothing; possible with UM.RS"
        )
    if method != "bayes" and "bayes" in pooling.model_fields_set:
        problems.append(f"the priors under bayes are for method: bayes, not {method}")
    return problems
