"""What an odds ratio compares, in words."""

from __future__ import annotations

from dataclasses import dataclass

from genopool.studies.genotypes import LocusAlleles


@dataclass(frozen=True)
class Comparison:
    """One model's question: the exposed side against its reference, and both in one phrase."""

    exposed: str
    reference: str
    text: str


def printed(label: str) -> str:
    """A label of an allele or genotype as printed: `>=20` is `≥20`."""
    return label.replace("<=", "≤").replace(">=", "≥")


def other_allele(alleles: LocusAlleles, effect_allele: str, against: str = "rest") -> str:
    """The reference of an effect allele: the other allele, or a name for all others."""
    effect, compared = alleles.question(effect_allele, against)
    return alleles.name(compared & ~effect)


def genotypes(
    alleles: LocusAlleles, effect_allele: str, against: str = "rest"
) -> tuple[str, str, str]:
    """Names of the genotypes with 0, 1 and 2 effect alleles, as the tables spell them."""
    other = other_allele(alleles, effect_allele, against)
    pairs = ((other, other), (other, effect_allele), (effect_allele, effect_allele))
    none, one, two = (printed(alleles.label("/".join(pair)).text) for pair in pairs)
    return none, one, two


def comparison(
    alleles: LocusAlleles, effect_allele: str, model: str, against: str = "rest"
) -> Comparison:
    """What a genetic model compares at a locus.

    Parameters
    ----------
    alleles : LocusAlleles
    effect_allele : str
        As the configuration writes it.
    model : str
    against : {"rest", "reference"}
    """
    effect = printed(effect_allele)
    other = printed(other_allele(alleles, effect_allele, against))
    none, one, two = genotypes(alleles, effect_allele, against)
    if model == "allelic":
        return Comparison(effect, other, f"{effect} vs {other} alleles")
    if model == "additive":
        return Comparison(
            f"each copy of {effect}", f"one copy fewer of {effect}", f"per copy of {effect}"
        )
    exposed, reference = {
        "dominant": (f"{one} + {two}", none),
        "recessive": (two, f"{none} + {one}"),
        "homozygous": (two, none),
        "heterozygous": (one, none),
        "overdominant": (one, f"{none} + {two}"),
    }[model]
    return Comparison(exposed, reference, f"{exposed} vs {reference}")
