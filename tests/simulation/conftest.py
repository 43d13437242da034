"""A small design and its analysis, which tests change."""

from pathlib import Path

import pytest
import yaml

from genopool.simulation.design import load

CONFIG = """
simulated: true
truth: data/truth.tsv
loci:
  CA: {kind: repeat, effect_alleles: ["19", "<19"]}
  SNP: {alleles: A/C}
models: [allelic, additive, dominant, recessive]
strata: {ethnicity: {}, menopausal_status: {}, receptor_status: {}}
"""
DESIGN = """
seed: 7
studies:
  number: 12
  years: [2001, 2012]
  cases: {median: 400, spread: 0.4, least: 100, most: 1500}
  controls_per_case: [0.8, 1.4]
  columns: {control_source: {population: 0.5, hospital: 0.5}}
  per_table: 4
ancestries:
  European: {share: 0.5, f_st: 0.003, countries: [Sweden, Italy]}
  East Asian: {share: 0.5, f_st: 0.003}
parts:
  menopausal_status:
    cases: {premenopausal: 0.4, postmenopausal: 0.6}
    controls: {premenopausal: 0.5, postmenopausal: 0.5}
    reported: 0.5
    parts_only: 0.5
  receptor_status:
    cases: {ER-positive: 0.7, ER-negative: 0.3}
    reported: 0.25
loci:
  CA:
    frequencies:
      European: {18: 0.2, 19: 0.6, 21: 0.2}
      East Asian: {18: 0.3, 19: 0.45, 21: 0.25}
    reporting: {classes: 0.1, alleles: 0.1}
    effects:
      - {alleles: "19", log_or: -0.2, tau: 0.1}
  SNP:
    frequencies: {European: {A: 0.6, C: 0.4}, East Asian: {A: 0.3, C: 0.7}}
    reporting: {sums: 0.1, estimates: 0.1}
    effects:
      - {alleles: C, log_or: 0.15, tau: 0.1, by: {receptor_status: {ER-negative: 0.1}}}
"""


def merged(values, changes):
    """`values` with the nested `changes`; None takes a key away."""
    values = dict(values)
    for key, change in changes.items():
        if change is None:
            values.pop(key)
        elif isinstance(change, dict) and isinstance(values.get(key), dict) and "=" not in change:
            values[key] = merged(values[key], change)
        else:
            values[key] = change
    return values


@pytest.fixture
def make_design(tmp_path: Path):
    """A function that writes the design, changed, and its configuration, and reads both."""

    def make(changes=None, config=None, folder=tmp_path, read=True):
        folder.mkdir(parents=True, exist_ok=True)
        values = merged(yaml.safe_load(CONFIG), config or {})
        (folder / "config.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
        values = merged(yaml.safe_load(DESIGN), changes or {})
        source = folder / "simulation.yaml"
        source.write_text(yaml.safe_dump(values, sort_keys=False))
        return load(source) if read else source

    return make
