"""A change of any module that a rule's script can reach runs the rule again."""

import ast
import re
from pathlib import Path

import pytest

#: File of each rule, and folders that its script imports on the way and makes no output by:
#: `genopool.results` writes the tables of all rules.
RULES = {
    "analyse_locus": ("analyse.smk", set()),
    "join_loci": ("join.smk", {"figures"}),
    "report": ("report.smk", {"diagnostics/integrity"}),
}


def imported(path, src):
    """The files of the package that a file imports, anywhere in it but for type checkers."""
    names = set()

    def look(node):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            if isinstance(child, ast.ImportFrom) and child.module:
                names.update({child.module, *(f"{child.module}.{a.name}" for a in child.names)})
            elif isinstance(child, ast.Import):
                names.update(alias.name for alias in child.names)
            look(child)

    look(ast.parse(path.read_text()))
    for name in names:
        place = src / name.replace(".", "/")
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if name.startswith("genopool") and file.is_file():
                yield file


@pytest.mark.parametrize("rule", RULES)
def test_every_folder_that_a_script_reaches_is_in_the_hash(rule, repository):
    src = repository / "src"
    file, unused = RULES[rule]
    text = (repository / "workflow" / "rules" / file).read_text()
    script = re.search(r"scripts/(\w+\.py)", text)[1]
    hashed = {".", *re.findall(r'"([^"]+)"', re.search(r"code_hash\((.*?)\)", text, re.DOTALL)[1])}
    reached: set[Path] = set()
    ahead = [repository / "workflow" / "scripts" / script]
    while ahead:
        for module in imported(ahead.pop(), src):
            if module not in reached:
                reached.add(module)
                ahead.append(module)
    folders = {module.parent.relative_to(src / "genopool").as_posix() for module in reached}
    assert len(folders) > 3
    assert folders - unused <= hashed
