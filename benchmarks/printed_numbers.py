"""How often sound rows are warned of for the numbers that they print beside their counts.

    python benchmarks/printed_numbers.py --rows 20000

writes a table of clean studies as papers print them: counts with percentages (none to two decimals,
rounded or cut off), totals, allele counts, the minor allele frequency in controls, and the p-value
of a Hardy-Weinberg test. It is read as a user's table is; the warnings of each check are printed
per 100 rows as a Markdown table. docs/checks.md quotes it.
"""

from __future__ import annotations

import argparse
import csv
import math
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from genopool.association.hardy_weinberg import hwe
from genopool.config import load
from genopool.simulation.sampling import draw_frequencies, draw_genotypes
from genopool.studies.reading import read_studies

CHECKS = "total_differs percentage_differs alleles_differ frequency_differs hwe_p_differs".split()
CONFIG = "loci: {SNP: {alleles: A/C}}\n"
GENOTYPES = ("AA", "AC", "CC")
AT_ONCE = 2_000


def rows_of(rng: np.random.Generator, number: int) -> list[dict[str, str]]:
    """Studies as a paper's table has them."""
    mean = rng.uniform(0.05, 0.95, number)
    p = draw_frequencies(rng, np.stack([1 - mean, mean], axis=1), 0.01)
    people = np.exp(rng.uniform(math.log(50), math.log(3_000), (2, number))).astype(int)
    effect = rng.normal(0.1, 0.2, (number, 1)) * np.arange(3)
    sides = {
        "cases": draw_genotypes(rng, p, people[0], effect),
        "controls": draw_genotypes(rng, p, people[1]),
    }
    tested = hwe(*sides["controls"].T)
    rows = []
    for i in range(number):
        row = {"study": f"Study {i}", "locus": "SNP"}
        digits, cut = rng.integers(3), rng.random() < 0.3
        for side, counts in sides.items():
            numbers = [int(n) for n in counts[i]]
            total = sum(numbers)
            for genotype, n in zip(GENOTYPES, numbers, strict=True):
                share = 100 * n / total
                share = math.floor(share * 10**digits) / 10**digits if cut else share
                row[f"{side}_{genotype}"] = f"{n} ({share:.{digits}f}%)"
            row[f"n_{side}"] = str(total)
            row[f"{side}_A"] = str(2 * numbers[0] + numbers[1])
            row[f"{side}_C"] = str(2 * numbers[2] + numbers[1])
        carried = (2 * sides["controls"][i][2] + sides["controls"][i][1]) / (2 * people[1][i])
        row["maf"] = f"{min(carried, 1 - carried):.{rng.integers(2, 4)}f}"
        exact = rng.random() < 0.5
        row["hwe_p"] = f"{(tested.p_exact if exact else tested.p_chi2)[i]:.{rng.integers(2, 4)}f}"
        rows.append(row)
    return rows


def warnings_of(rows: list[dict[str, str]]) -> Counter[str]:
    """Rows with a warning of each check, and with any."""
    with tempfile.TemporaryDirectory() as folder:
        studies = Path(folder, "data", "studies")
        studies.mkdir(parents=True)
        Path(folder, "config.yaml").write_text(CONFIG)
        with Path(studies, "a.csv").open("w", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
        findings = read_studies(load(Path(folder, "config.yaml"))).findings
    found = {(f.check, f.row) for f in findings if f.severity != "note"}
    return Counter([check for check, _ in found] + ["any"] * len({row for _, row in found}))


def main() -> None:
    """Draw, read and count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=20261127)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    found: Counter[str] = Counter()
    for start in range(0, arguments.rows, AT_ONCE):
        found += warnings_of(rows_of(rng, min(AT_ONCE, arguments.rows - start)))
    print("| check | rows warned of, per 100 |\n|---|---|")
    for check in [*CHECKS, *sorted(set(found) - {*CHECKS, "any"}), "any"]:
        print(f"| `{check}` | {100 * found[check] / arguments.rows:.2g} |")


if __name__ == "__main__":
    main()
