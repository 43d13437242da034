"""The account adds up, in the numbers and on the page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopool.report import Locus, render_report
from genopool.report.account import account, tally

LOCI = [Locus(key) for key in ("A", "B", "NONE")]


def row(locus, used, reason, study, kind):
    return {
        "file": f"{study}.csv", "sheet": None, "row": 2, "kind": kind, "study": study,
        "population": None, "locus": locus, "used": used,
        "reason": None if used == "yes" else reason,
    }  # fmt: skip


rows_read = st.lists(
    st.builds(
        row,
        st.sampled_from(["A", "B"]),
        st.sampled_from(["yes", "no"]),
        st.sampled_from(["double zero", "HR, not an odds ratio", None]),
        st.sampled_from(["Wen 2005", "Kang 2014", "Bo"]),
        st.sampled_from(["counts", "estimates"]),
    )
)


@given(rows_read)
def test_every_row_is_accounted_for_once(rows):
    found = account(rows, LOCI)
    total = found.total
    assert total.rows == len(rows) == total.used + total.unused == total.counts + total.estimates
    assert total.unused == sum(n for _, n in total.reasons) == len(found.unused)
    for parts in (found.loci, found.tables):
        for name in ("rows", "counts", "estimates", "used", "unused"):
            assert sum(getattr(part, name) for _, part in parts) == getattr(total, name)
        for _, part in parts:
            assert part.unused == sum(n for _, n in part.reasons)
    assert [key for key, _ in found.loci] == ["A", "B", "NONE"]
    assert total.studies == len({r["study"] for r in rows})


def test_a_row_without_a_reason_is_counted_as_such():
    assert tally([row("A", "no", None, "Bo", "counts")]).reasons == (("no reason given", 1),)


@pytest.mark.parametrize(("column", "value"), [("used", "maybe"), ("kind", "guess")])
def test_a_row_that_is_neither_is_refused(column, value):
    with pytest.raises(ValueError, match=f"{column} is '{value}' in Bo.csv row 2; expected"):
        tally([row("A", "yes", None, "Bo", "counts") | {column: value}])


def test_the_page_adds_up(make_inputs, parse):
    page = parse(render_report(make_inputs()))
    section = next(e for e in page.all("section") if e.attributes.get("id") == "account")
    facts = {
        div.children[0].text: int(div.children[1].text)
        for div in next(section.all("dl")).all("div")
    }
    assert facts == {
        "Tables": 3, "Rows": 4, "Studies": 3, "Populations": 4, "Rows used": 3, "Rows not used": 1
    }  # fmt: skip
    by_locus, by_table, by_reason, one_by_one = list(section.all("table"))
    for table in (by_locus, by_table):
        body = [row for group in table.all("tbody") for row in group.all("tr")]
        *parts, total = [[int(cell.text) for cell in row.all("td")] for row in body]
        for column in range(5):  # rows: read, counts, estimates, used, not used
            assert sum(part[column] for part in parts) == total[column]
        assert total[0] == facts["Rows"] == total[1] + total[2] == total[3] + total[4]
    reasons = [[cell.text for cell in r.all("th", "td")] for r in by_reason.all("tr")]
    assert reasons == [
        ["Reason", "Rows"], ["HR, not an odds ratio", "1"], ["All rows not used", "1"]
    ]  # fmt: skip
    assert len(list(one_by_one.all("tr"))) - 1 == facts["Rows not used"]
    assert "3 enter at least one pooled odds ratio and 1 does not" in section.text
