"""The errors that planted_errors.py plants: each changes the text of a study table."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from planted_studies import DataSet, Study

from genopool.simulation.sampling import draw_genotypes

Cells = tuple[str, ...]
#: Shares of heterozygotes that a poor assay reads as homozygotes.
LOST = (0.1, 0.2, 0.3)
#: How far an outlying log odds ratio is from the mean.
OUTLYING = 1.0
_ONE_SIDE = ((2, 1, 0, 3, 4, 5), (0, 1, 2, 5, 4, 3))
_HETEROZYGOTES = ((1, 0, 2, 4, 3, 5), (0, 2, 1, 3, 5, 4))
_GENOTYPE = ((3, 1, 2, 0, 4, 5), (0, 4, 2, 3, 1, 5), (0, 1, 5, 3, 4, 2))


@dataclass(frozen=True)
class Planted:
    """A data set with an error.

    Attributes
    ----------
    data : DataSet
    concerned : frozenset of str
        Labels of the studies that a warning has to be about.
    """

    data: DataSet
    concerned: frozenset[str]


@dataclass(frozen=True)
class Kind:
    """A kind of error.

    Attributes
    ----------
    name, text : str
    plant : callable
        `plant(data, place, rng)`; None where this study cannot have the error, as a number of one
        digit has none to transpose.
    dresses : callable, optional
        What the clean table shows besides counts (totals, percentages, odds ratios), so that the
        error has a place; a clean table so dressed must not be warned of.
    """

    name: str
    text: str
    plant: Callable[[DataSet, int, np.random.Generator], Planted | None]
    dresses: Callable[[DataSet], DataSet] | None = None


def _in_place(data: DataSet, place: int, study: Study | None) -> Planted | None:
    if study is None or study == data.studies[place]:
        return None
    studies = (*data.studies[:place], study, *data.studies[place + 1 :])
    return Planted(replace(data, studies=studies), frozenset({study.label}))


def _added(data: DataSet, place: int, *more: Study) -> Planted:
    labels = frozenset({data.studies[place].label, *(study.label for study in more)})
    return Planted(replace(data, studies=(*data.studies, *more)), labels)


def _permuted(*orders: tuple[int, ...]) -> Callable:
    def plant(data: DataSet, place: int, rng: np.random.Generator) -> Planted | None:
        study, order = data.studies[place], orders[rng.integers(len(orders))]
        return _in_place(data, place, replace(study, cells=tuple(study.cells[i] for i in order)))

    return plant


def transposed(text: str, rng: np.random.Generator) -> str | None:
    places = [i for i in range(len(text) - 1) if text[i] != text[i + 1]]
    places = [i for i in places if not (i == 0 and text[1] == "0")]
    if not places:
        return None
    i = int(rng.choice(places))
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


def dropped(text: str, rng: np.random.Generator) -> str | None:
    i = int(rng.integers(len(text)))
    left = text[:i] + text[i + 1 :]
    return left if left and (left == "0" or left[0] != "0") else None


def doubled(text: str, rng: np.random.Generator) -> str | None:
    i = int(rng.integers(len(text)))
    return None if text == "0" else text[: i + 1] + text[i:]


def _digit(slip: Callable) -> Callable:
    def plant(data: DataSet, place: int, rng: np.random.Generator) -> Planted | None:
        study = data.studies[place]
        for cell in rng.permutation(6):
            text = slip(study.cells[cell], rng)
            if text is not None and text != study.cells[cell]:
                cells = (*study.cells[:cell], text, *study.cells[cell + 1 :])
                return _in_place(data, place, replace(study, cells=cells))
        return None

    return plant


def _copied_controls(data: DataSet, place: int, rng: np.random.Generator) -> Planted | None:
    study = data.studies[place]
    return _in_place(data, place, replace(study, cells=study.cells[3:] * 2))


def _lost_heterozygotes(data: DataSet, place: int, rng: np.random.Generator) -> Planted | None:
    study = data.studies[place]
    counts = study.counts
    lost = rng.binomial(counts[:, 1], rng.choice(LOST))
    to_first = rng.binomial(lost, 0.5)
    counts = counts + np.stack([to_first, -lost, lost - to_first], axis=1)
    return _in_place(data, place, study.with_counts(counts))


def _computed(data: DataSet, place: int, rng: np.random.Generator) -> Planted | None:
    study = data.studies[place]
    counts = study.counts
    people = counts.sum(axis=1)
    p = (2 * counts[:, 2] + counts[:, 1]) / (2 * people)
    shares = np.stack([(1 - p) ** 2, 2 * p * (1 - p), p**2], axis=1)
    return _in_place(data, place, study.with_counts(np.rint(people[:, None] * shares)))


def _outlying(data: DataSet, place: int, rng: np.random.Generator) -> Planted | None:
    study = data.studies[place]
    counts = study.counts
    controls = counts[1]
    p = study.frequency
    if np.isnan(p):
        p = (2 * controls[2] + controls[1]) / (2 * controls.sum())
    effect = data.truth.log_or + rng.choice((-1, 1)) * OUTLYING
    cases = draw_genotypes(rng, [1 - p, p], counts[0].sum(), [0.0, effect, 2 * effect])
    return _in_place(data, place, study.with_counts(np.stack([cases, controls])))


def _other_label(data: DataSet, place: int, rng: np.random.Generator) -> Planted | None:
    study = data.studies[place]
    others = sorted({s.ethnicity for s in data.studies} - {study.ethnicity})
    if not others:
        return None
    return _in_place(data, place, replace(study, ethnicity=str(rng.choice(others))))


def _twice(data: DataSet, place: int, rng: np.random.Generator) -> Planted | None:
    return _added(data, place, replace(data.studies[place], label="Another name"))


def _controls_twice(data: DataSet, place: int, rng: np.random.Generator) -> Planted | None:
    """A second case series of the same group, published with the same controls."""
    study = data.studies[place]
    counts = study.counts
    cases = rng.multinomial(counts[0].sum(), counts[0] / counts[0].sum())
    more = study.with_counts(np.stack([cases, counts[1]]), label="Another name")
    return _added(data, place, more)


def _subset(counts: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    return np.stack(
        [rng.multivariate_hypergeometric(side, round(share * side.sum())) for side in counts]
    )


def _part_beside(data: DataSet, place: int, rng: np.random.Generator) -> Planted | None:
    study = data.studies[place]
    part = _subset(study.counts, rng.uniform(0.3, 0.8), rng)
    return _added(data, place, study.with_counts(part, label="Another name"))


def _whole_beside_parts(data: DataSet, place: int, rng: np.random.Generator) -> Planted | None:
    study = data.studies[place]
    part = _subset(study.counts, rng.uniform(0.3, 0.7), rng)
    return _added(
        data,
        place,
        study.with_counts(part, label="Another name"),
        study.with_counts(study.counts - part, label="A third name"),
    )


def with_totals(data: DataSet) -> DataSet:
    """The numbers of cases and controls beside the genotypes."""
    return replace(
        data,
        studies=tuple(
            replace(study, totals=tuple(str(n) for n in study.counts.sum(axis=1)))
            for study in data.studies
        ),
    )


def with_percentages(data: DataSet) -> DataSet:
    """Cells as `45 (12.3%)`."""
    studies = []
    for study in data.studies:
        counts = study.counts
        shares = 100 * counts / counts.sum(axis=1, keepdims=True)
        cells = [f"{n} ({x:.1f}%)" for n, x in zip(counts.ravel(), shares.ravel(), strict=True)]
        studies.append(replace(study, cells=tuple(cells)))
    return replace(data, studies=tuple(studies))


def reported(study: Study) -> tuple[str, str, str]:
    """Odds ratio per allele and its limits to two decimals."""
    counts = study.counts + (0.5 if (study.counts == 0).any() else 0)
    effect, other = 2 * counts[:, 2] + counts[:, 1], 2 * counts[:, 0] + counts[:, 1]
    log_or = np.log(effect[0] * other[1] / (effect[1] * other[0]))
    se = np.sqrt((1 / effect + 1 / other).sum())
    return tuple(f"{np.exp(log_or + z * se):.2f}" for z in (0, -1.959964, 1.959964))


def with_reported(data: DataSet) -> DataSet:
    """Odds ratios beside the counts."""
    return replace(
        data, studies=tuple(replace(study, reported=reported(study)) for study in data.studies)
    )


def _wrong_total(data: DataSet, place: int, rng: np.random.Generator) -> Planted | None:
    study = data.studies[place]
    side = int(rng.integers(2))
    text = (transposed, dropped, doubled)[rng.integers(3)](study.totals[side], rng)
    if text is None or text == study.totals[side]:
        return None
    totals = (text, study.totals[1]) if side == 0 else (study.totals[0], text)
    return _in_place(data, place, replace(study, totals=totals))


def _wrong_percentage(data: DataSet, place: int, rng: np.random.Generator) -> Planted | None:
    study = data.studies[place]
    cell = int(rng.integers(6))
    count, _, share = study.cells[cell].partition(" (")
    wrong = transposed(share.removesuffix("%)").replace(".", ""), rng)
    if wrong is None:
        return None
    text = f"{count} ({wrong[:-1] or '0'}.{wrong[-1]}%)"
    cells = (*study.cells[:cell], text, *study.cells[cell + 1 :])
    return _in_place(data, place, replace(study, cells=cells))


def _inverse(data: DataSet, place: int, rng: np.random.Generator) -> Planted | None:
    study = data.studies[place]
    ratio, low, high = (float(text) for text in study.reported)
    if min(ratio, low, high) <= 0:
        return None
    turned = tuple(f"{1 / x:.2f}" for x in (ratio, high, low))
    return _in_place(data, place, replace(study, reported=turned))


def _misprinted_limit(data: DataSet, place: int, rng: np.random.Generator) -> Planted | None:
    study = data.studies[place]
    which = 1 + int(rng.integers(2))
    whole, _, decimals = study.reported[which].partition(".")
    wrong = transposed(whole + decimals, rng)
    if wrong is None:
        return None
    text = f"{wrong[:-2] or '0'}.{wrong[-2:]}"
    printed = list(study.reported)
    printed[which] = text
    ratio, low, high = (float(x) for x in printed)
    if not 0 < low < ratio < high:
        return None
    return _in_place(data, place, replace(study, reported=tuple(printed)))


KINDS = (
    Kind("turned", "alleles turned round", _permuted((2, 1, 0, 5, 4, 3))),
    Kind("swapped", "cases and controls exchanged", _permuted((3, 4, 5, 0, 1, 2))),
    Kind("one side", "one side's columns turned", _permuted(*_ONE_SIDE)),
    Kind(
        "heterozygote column", "heterozygotes in a homozygotes' column", _permuted(*_HETEROZYGOTES)
    ),
    Kind("genotype", "one genotype exchanged between cases and controls", _permuted(*_GENOTYPE)),
    Kind("transposed", "adjacent digits transposed", _digit(transposed)),
    Kind("dropped", "a digit dropped", _digit(dropped)),
    Kind("doubled", "a digit typed twice", _digit(doubled)),
    Kind("cases = controls", "controls copied into the cases", _copied_controls),
    Kind("lost heterozygotes", "10-30% of heterozygotes read as homozygotes", _lost_heterozygotes),
    Kind("computed", "genotypes computed from the allele frequency", _computed),
    Kind("outlying", f"log odds ratio {OUTLYING:g} from the mean", _outlying),
    Kind("label", "wrong ethnicity label", _other_label),
    Kind("twice", "study counted twice under another label", _twice),
    Kind("controls twice", "the same controls under another label", _controls_twice),
    Kind("part", "part of a study as a study of its own", _part_beside),
    Kind("whole and parts", "a study beside its two parts", _whole_beside_parts),
    Kind("total", "wrong printed total", _wrong_total, with_totals),
    Kind("percentage", "wrong printed percentage", _wrong_percentage, with_percentages),
    Kind("inverse", "reported odds ratio inverted", _inverse, with_reported),
    Kind("limit", "misprinted confidence limit", _misprinted_limit, with_reported),
)
