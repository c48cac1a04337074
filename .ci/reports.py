"""Reads the reports that `.ci/reports` made, with packages of others, and fails where one finds them wrong."""
import csv
import json
import sys
from pathlib import Path

from junitparser import JUnitXml
from lxml import etree
from markdown_it import MarkdownIt
from sarif import loader

WORK = Path(sys.argv[1])
FIXTURES = Path(__file__).resolve().parent.parent / "fixtures/report"

for name, count, blocking in (("sample", 11, 4), ("clean", 0, 0)):
    saved = json.loads((FIXTURES / f"{name}.json").read_text())
    assert len(saved["findings"]) == count

    results = loader.load_sarif_file(str(WORK / f"{name}.sarif")).get_results()
    assert len(results) == count, results

    for form in ("junit", "checkstyle"):
        schema = etree.XMLSchema(etree.parse(FIXTURES / f"{form}.xsd"))
        schema.assertValid(etree.parse(WORK / f"{name}.{form}"))
    gaps = len(saved["summary"]["gaps"])
    suites = JUnitXml.fromfile(str(WORK / f"{name}.junit"))
    assert (suites.failures, suites.errors) == (blocking, gaps), suites
    assert sum(len(suite) for suite in suites) == max(1, count + gaps)

    with open(WORK / f"{name}.csv", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert len(rows) == count + gaps and not any(None in row or None in row.values() for row in rows)
    assert not any(cell.lstrip().startswith(tuple("=+-@")) for row in rows for cell in row.values())

    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse((WORK / f"{name}.markdown").read_text())
    inline = [child for token in tokens for child in token.children or []]
    kinds = {child.type for child in inline}
    assert kinds <= {"text", "code_inline", "html_inline", "softbreak", "text_special", "entity"}, kinds
    html = {child.content for child in inline if child.type == "html_inline"}
    assert html <= {"<code>", "</code>"}, html
    assert not any(token.type == "html_block" for token in tokens)

    issues = json.loads((WORK / f"{name}.codequality").read_text())
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == count + gaps
    print(f"sarif-tools, lxml, junitparser, csv, markdown-it: {name} passes")
