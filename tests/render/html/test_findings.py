"""What is wrong with a resource is the first thing its pane says, in the words of every view."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from jotgraph import graph as graphs
from jotgraph import views
from jotgraph.analysis.health import Severity, findings
from jotgraph.records import function_id
from jotgraph.render import html
from tests.factories import ACCOUNT, REGION
from tests.render.estate import PROD, WEST
from tests.render.html.seen import heading
from tests.rig.browser import Tab
from tests.views.ailing import LITERAL

FUNCTION = function_id(ACCOUNT, REGION, "pay")


@pytest.mark.parametrize("world", ["the image is gone", "the role is gone", "all is well"])
def test_the_pane_of_a_function_begins_with_its_findings(
    tab: Tab, tmp_path: Path, world: str
) -> None:
    graph = graphs.build(LITERAL[world])
    known = [
        (finding.word, f"{finding.statement}.", str(finding.next))
        for finding in findings(graph, FUNCTION)
        if finding.severity is not Severity.UNKNOWN
    ]
    page = tmp_path / "page.html"
    page.write_text(html.render(graph, views.options(graph, page=True)), "utf-8")
    tab.open(page, "#" + quote(FUNCTION, safe=""))
    shown = tab.page.locator("#details > *").evaluate_all(
        """parts => parts.slice(1).map(part => part.classList.contains("finding")
             ? [...part.children].map(child => child.textContent.trim()) : null)"""
    )
    said = [tuple(part) for part in shown if part]
    assert said[: len(known)] == known
    assert {word for word, *_ in said[len(known) :]} == {"not read"}, "in one line, after the rest"
    assert all(shown[: len(said)]), "before anything else"
    assert ("broken" in [word for word, *_ in known]) == (world == "the image is gone")


def test_the_head_says_which_services_were_not_read(shop: Tab) -> None:
    shop.page.get_by_role("button", name="batch not read").click()
    assert heading(shop) == "What was not read"
    told = shop.page.locator("#details li").all_inner_texts()
    assert [line for line in told if line.startswith(f"{PROD}/{WEST}: ")] == [
        f"{PROD}/{WEST}: batch denied; lambda, apprunner, bedrock-agentcore, codebuild, ecs, eks, "
        "emr-serverless, gamelift, sagemaker empty"
    ]
