"""The tab-separated tables of `results/`: written whole or not at all, one form everywhere."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_BREAK = re.compile("\r\n|[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def write_atomically(path: Path | str, write: Callable[[Path], None]) -> None:
    """Let `write` fill a file beside `path`, then rename it to `path`."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        write(Path(beside))
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(beside, 0o666 & ~umask)
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def write_text(path: Path | str, text: str) -> None:
    """Write `text` as UTF-8 with Unix line ends, whole or not at all.

    Half a surrogate pair, which a file name that is not UTF-8 has, is written as `\\udc80`.
    """
    data = text.encode("utf-8", "backslashreplace")
    write_atomically(path, lambda beside: beside.write_bytes(data))


def one_line(value: Any) -> str:
    """A cell's text: blank for what does not exist, tabs and line breaks as one space."""
    if value is None:
        return ""
    if isinstance(value, float):
        if value != value:
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(float(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _BREAK.sub(" ", str(value))


def write_rows(
    path: Path | str,
    columns: Iterable[str],
    rows: Iterable[dict[str, Any]],
    *,
    simulated: bool = False,
) -> None:
    """Write rows given as dictionaries; a column that a row lacks is blank.

    Where `simulated`, a last column of that name says `yes` in every row.
    """
    columns = list(columns)
    mark = "\tyes" if simulated else ""
    header = [*columns, "simulated"] if simulated else columns
    lines = ["\t".join(map(one_line, header))]
    lines += ["\t".join([one_line(row.get(column)) for column in columns]) + mark for row in rows]
    write_text(path, "\n".join(lines) + "\n")


def read_rows(path: Path | str) -> list[dict[str, str]]:
    """Read a table as text, one dictionary a row."""
    header, *lines = Path(path).read_text(encoding="utf-8").split("\n")
    columns = header.split("\t")
    return [dict(zip(columns, line.split("\t"), strict=True)) for line in lines if line]


def read_frame(path: Path | str) -> pd.DataFrame:
    """Read a table that `write_rows` or `write_frame` wrote; numbers as floats, text as text.

    Blank cells are NaN in columns of numbers and empty text in the others.
    """
    import pandas as pd

    frame = pd.read_csv(
        path, sep="\t", dtype=str, keep_default_na=False, quoting=3, encoding="utf-8"
    )
    for column in frame.columns:
        if column in NUMBER_COLUMNS:
            frame[column] = pd.to_numeric(frame[column].where(frame[column] != ""))
        else:
            frame[column] = frame[column].astype(object)
    return frame


NUMBER_COLUMNS = frozenset(
    """row cases controls estimate ci_low ci_high level n_cases n_controls log_estimate se
    n0 n1 n2 effect_allele_frequency chi2 p_chi2 p_exact p_mid inbreeding_coefficient
    minimum_expected case_exposed case_unexposed control_exposed control_unexposed
    case_n0 case_n1 case_n2 control_n0 control_n1 control_n2 correction correction_controls
    log_or or weight
    k k_studies k_reported k_double_zero k_corrected k_without_n statistic df p_value
    tau2 tau2_ci_low tau2_ci_high i2 h2 q q_df q_p pi_low pi_high strata df1 df2
    case_chromosomes control_chromosomes case_reference control_reference case_mean_length
    control_mean_length linearity_chi2 linearity_df linearity_p case_total control_total
    case_frequency control_frequency models p_adjusted p_locus q_value questions
    p_chi2_corrected f_ci_low f_ci_high disequilibrium lindley_alpha p_all_alleles
    rstudent dffits cook_d cov_r tau2_del q_del hat""".split()
)
