"""What the report is made from: frozen facts and the result tables, nothing read from disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genopool.config import MODELS
from genopool.studies.genotypes import LocusAlleles

if TYPE_CHECKING:
    import pandas as pd

    from genopool.pooling.settings import Pooling

_POOLED = """locus effect_allele model stratifier stratum k k_studies k_reported k_double_zero
    k_corrected k_without_n n_cases n_controls or ci_low ci_high p_value tau2 tau2_ci_low
    tau2_ci_high i2 h2 q q_df q_p pi_low pi_high reason"""

_KEY = "locus effect_allele model stratifier stratum"
REQUIRED = {
    "studies": "file row study population locus control_group unit genotype cases controls",
    "estimates": """file row study population locus reported_effect_allele reported_model measure
        estimate ci_low ci_high level adjusted n_cases n_controls effect_allele model log_estimate
        se used reason""",
    "integrity": """severity check file sheet row column value expected study population locus
        message why action""",
    "checks": "subject title looks_at compared unit warnings notes reason",
    "hwe": """locus file row study population control_group effect_allele n0 n1 n2
        effect_allele_frequency chi2 p_chi2 p_exact p_mid inbreeding_coefficient
        f_ci_low f_ci_high minimum_expected reason""",
    "hwe_pooled": """locus effect_allele stratifier stratum k estimate ci_low ci_high p_value i2
        reason""",
    "effects": """locus study population control_group effect_allele model stratifier stratum
        control_exposed control_unexposed control_n0 control_n1 control_n2 used reason""",
    "pooled": _POOLED,
    "strata": """locus effect_allele model stratifier strata k statistic distribution df1 df2
        p_value reason""",
    "account": "file sheet row kind study population locus used reason",
    "published": "meta_analysis locus effect_allele model or ci_low ci_high",
    "pooled_counts_only": _POOLED,
    "lengths": """locus stratifier stratum length reference k k_studies case_chromosomes
        control_chromosomes or ci_low ci_high p_value tau2 i2 h2 reason""",
    "length_trend": """locus stratifier stratum k k_studies n_cases n_controls case_mean_length
        control_mean_length or ci_low ci_high p_value tau2 i2 h2 linearity_chi2 linearity_df
        linearity_p reason""",
    "length_effects": "locus study population length stratifier stratum used reason",
    "truth": "locus effect_allele model reference stratifier stratum k log_or tau",
    "verdict": f"{_KEY} criterion grade text reason",
    "multiplicity": f"{_KEY} p_value adjustment p_adjusted q_value reason",
    "sensitivity": f"{_KEY} analysis left_out k or ci_low ci_high p_value i2 reason",
    "influence": f"""{_KEY} study population rstudent dffits cook_d cov_r tau2_del q_del weight
        is_influential reason""",
    "small_study": f"""{_KEY} test k p_value adjusted_log_or ci_low ci_high k_filled recommended
        caution reason""",
    "metaregression": f"""{_KEY} moderator term k estimate ci_low ci_high p_value p_permutation
        p_adjusted r2 caution reason""",
    "credibility": f"{_KEY} quantity given_or prior value ci_low ci_high caution reason",
}


@dataclass(frozen=True)
class Locus:
    """A configured locus.

    `alleles` are reference first; `effect_alleles` are the questions asked of the locus, one
    analysis each, in the order of the configuration.
    """

    key: str
    label: str = ""
    gene: str = ""
    rsid: str = ""
    kind: str = "snp"
    alleles: tuple[str, ...] = ()
    effect_alleles: tuple[str, ...] = ()
    against: str = "rest"
    chromosome: str = ""

    @property
    def name(self) -> str:
        return self.label or self.key

    @cached_property
    def reading(self) -> LocusAlleles:
        """How labels of its alleles are read and written."""
        return LocusAlleles(self.kind, self.alleles)


@dataclass(frozen=True)
class Figure:
    """A figure of a locus.

    Parameters
    ----------
    svg : str or path
        The SVG itself (anything that begins with ``<``) or the path of its file.
    effect_allele, model, stratifier : str
        What it shows.
    alt, caption : str
        Text for those who cannot see it, and the caption; written by the report when blank.
    kind : str
        ``forest``, a kind of `genopool.diagnostics.choice.FIGURES`, or one of
        `genopool.figures.length_figures`, which is of no one effect allele and model.
    reason : str
        Why it could not be drawn; there is no SVG then.
    """

    svg: str | Path
    effect_allele: str
    model: str
    stratifier: str
    alt: str = ""
    caption: str = ""
    kind: str = "forest"
    reason: str = ""

    def source(self) -> str:
        """The SVG's text."""
        if isinstance(self.svg, str) and self.svg.lstrip("\ufeff \t\r\n").startswith("<"):
            return self.svg
        return Path(self.svg).read_text(encoding="utf-8")


@dataclass(frozen=True)
class ReportInputs:
    """Everything that the report shows.

    Frames have the columns of the result tables (`REQUIRED` lists those the report reads; others
    are welcome); a blank cell is NaN, None or the empty text.

    Parameters
    ----------
    title, outcome : str
        Title of the project, and what the cases have.
    configuration : mapping
        The configuration in use, defaults filled in, as `config.yaml` names its keys.
    configuration_text : str
        The configuration file as it was read.
    loci : sequence of Locus
        In the order of the configuration.
    inputs : sequence of (path, sha256)
        Every file that was read.
    software : mapping
        Name and version, in the order to print.
    figures : mapping
        Locus key to its figures.
    published : frame, optional
        Pooled estimates of earlier meta-analyses, to show beside ours.
    pooled_counts_only : frame, optional
        The pools without reported estimates, with the columns of `pooled`.
    lengths, length_trend, length_effects : frame, optional
        Of repeats: each length against the reference, the trend, and both study by study.
    hwe_pooled : frame, optional
        Inbreeding coefficients of controls, pooled over studies.
    truth : frame, optional
        The truth planted in simulated studies, to show beside what was estimated.
    checks : frame, optional
        Which checks of the input ran, and what they found.
    verdict, multiplicity, sensitivity, influence, small_study, metaregression, credibility : frame
        The diagnostics that were chosen; of those that are not about strata, the overall rows
        are enough.
    method_notes : sequence of str
        Sentences added to the methods section.

    Raises
    ------
    ValueError
        If a frame lacks a column, naming the frame and the columns.
    """

    title: str
    outcome: str
    configuration: Mapping[str, Any]
    configuration_text: str
    loci: Sequence[Locus]
    studies: pd.DataFrame
    estimates: pd.DataFrame
    integrity: pd.DataFrame
    hwe: pd.DataFrame
    effects: pd.DataFrame
    pooled: pd.DataFrame
    strata: pd.DataFrame
    account: pd.DataFrame
    inputs: Sequence[tuple[str, str]]
    software: Mapping[str, str]
    figures: Mapping[str, Sequence[Figure]] = field(default_factory=dict)
    published: pd.DataFrame | None = None
    pooled_counts_only: pd.DataFrame | None = None
    lengths: pd.DataFrame | None = None
    length_trend: pd.DataFrame | None = None
    length_effects: pd.DataFrame | None = None
    hwe_pooled: pd.DataFrame | None = None
    truth: pd.DataFrame | None = None
    checks: pd.DataFrame | None = None
    verdict: pd.DataFrame | None = None
    multiplicity: pd.DataFrame | None = None
    sensitivity: pd.DataFrame | None = None
    influence: pd.DataFrame | None = None
    small_study: pd.DataFrame | None = None
    metaregression: pd.DataFrame | None = None
    credibility: pd.DataFrame | None = None
    method_notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name, columns in REQUIRED.items():
            frame = getattr(self, name)
            missing = (
                [] if frame is None else [c for c in columns.split() if c not in frame.columns]
            )
            if missing:
                raise ValueError(f"{name} lacks the columns {', '.join(missing)}")

    @property
    def level(self) -> float:
        """Level of the intervals."""
        return self.pooling.level

    @property
    def simulated(self) -> bool:
        """Whether the studies are made up."""
        return bool(self.configuration.get("simulated"))

    @property
    def models(self) -> tuple[str, ...]:
        """The models in the order of the configuration."""
        return tuple(self.configuration.get("models") or MODELS)

    @cached_property
    def pooling(self) -> Pooling:
        """How studies were pooled, defaults filled in."""
        from genopool.pooling.settings import Pooling

        given = {k: v for k, v in self.section("pooling").items() if v not in (None, "")}
        if given.get("method") != "bayes":
            given.pop("bayes", None)  # a configuration with its defaults has priors for any method
        return Pooling.model_validate(given)

    def section(self, key: str) -> Mapping[str, Any]:
        """A mapping of the configuration, empty if it is not there."""
        return self.configuration.get(key) or {}


def records(frame: pd.DataFrame | None) -> list[dict[str, Any]]:
    """The rows of a frame as dictionaries in which everything blank is None.

    Far quicker than iterating over the frame, which matters with thousands of effects.
    """
    if frame is None:
        return []
    names = [str(name) for name in frame.columns]
    columns = [[_plain(value) for value in frame[name].tolist()] for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    if value is None or value != value:
        return None
    if isinstance(value, str):
        return value if value.strip() else None
    return value


def by_locus(rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Rows by locus, in their own order."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(text(row["locus"]), []).append(row)
    return groups


def text(value: Any) -> str:
    """A cell as text: blank for nothing, whole numbers without `.0`."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value).strip()


def number(value: Any) -> float | None:
    """A cell as a number, or None if it is blank or not a finite number."""
    if value is None or value == "":
        return None
    try:
        result = float(value)
    except (TypeError, ValueError):
        return None
    return result if abs(result) < float("inf") else None


def whole(value: Any) -> int:
    """A count, 0 if blank."""
    return round(number(value) or 0)
