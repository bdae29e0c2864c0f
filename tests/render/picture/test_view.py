"""What is shown, under which words."""

from __future__ import annotations

from jotgraph import graph as graphs
from jotgraph import views
from jotgraph.records import Kind, kind_of
from jotgraph.render.picture.drawing.addresses import commit_page
from jotgraph.render.picture.drawing.filter import lineage
from jotgraph.render.picture.drawing.view import PictureOptions, view
from tests.factories import NOW, commit, inventory, role, scope
from tests.render.estate import EAST, PROD, WEST, crowd, shop_graph


def test_drift_broken_and_missing_are_seen() -> None:
    graph, _ = shop_graph()
    drawing = view(graph, views.options(graph))
    words = {node.name: [state.word for state in node.states] for node in drawing.nodes}
    assert words["search-query"] == ["drift"]
    assert words["mail-sender"] == ["broken"]
    assert [node.title for node in drawing.nodes if node.missing] == ["283bb9dee"]


def test_only_moved_tags_and_ways_to_the_missing_are_wrong() -> None:
    graph, _ = shop_graph()
    drawing = view(graph, views.options(graph))
    wrong = [(edge.source, edge.target) for edge in drawing.edges if edge.wrong]
    assert [target.rpartition("/")[2] for _, target in wrong] == [
        "search-query",
        "mail-sender",
    ] or [target.rpartition("/")[2] for _, target in wrong] == ["mail-sender", "search-query"]


def test_a_picture_is_called_by_what_it_shows() -> None:
    one = graphs.build(inventory(role(), scope=scope((PROD, WEST))))
    two = shop_graph()[0]
    nothing = graphs.build(inventory(scope=scope()))
    titles = [
        view(one, PictureOptions(snapshot="prod#3")).title,
        view(two).title,
        view(nothing).title,
        view(two, PictureOptions(title="Mine", snapshot="prod#3")).title,
    ]
    day = f"{NOW:%Y-%m-%d}"
    assert titles == [f"prod#3 · account {PROD} · {day}", f"2 accounts · {day}", day, "Mine"]


def test_a_box_tells_a_fact_a_line() -> None:
    drawing = view(shop_graph()[0], PictureOptions())
    boxes = [box for box in drawing.clusters if box.kind == "ecr-repo"]
    assert [box.tooltip.split("\n")[0] for box in boxes] == [box.key for box in boxes]
    assert not any("\N{REPLACEMENT CHARACTER}" in box.tooltip for box in drawing.clusters)


def test_a_weighted_alias_tells_the_shares() -> None:
    graph, _ = shop_graph()
    labels = sorted(edge.label for edge in view(graph).edges if edge.label)
    assert labels == ["10%", "90%"]


def test_lineage_of_a_commit_holds_the_role_but_not_its_other_users() -> None:
    graph, _ = shop_graph()
    made = commit("s1", subject="", repositories=("search",)).id
    found = lineage(graph, [made])
    names = {
        resource.rpartition("/")[2] for resource in found if kind_of(resource) is Kind.FUNCTION
    }
    assert "search-index" in names
    assert f"role:{PROD}/search-role" in found
    assert "checkout-api" not in names
    assert lineage(graph, [made], 0) == {made}


def test_state_filter_keeps_neighbours() -> None:
    graph, states = shop_graph()
    shown = view(graph, PictureOptions(findings=states, words=("broken",)))
    assert {node.kind for node in shown.nodes} == {Kind.ECR_IMAGE, Kind.FUNCTION, Kind.ROLE}


def test_unlinked_commits_only_when_asked() -> None:
    graph, _ = shop_graph()
    assert all(graph.degree(node.id) for node in view(graph).nodes if node.kind is Kind.COMMIT)


def test_pages_of_commits_and_of_the_console() -> None:
    sha = "a" * 40
    assert commit_page("git@github.com:a/b.git", sha) == f"https://github.com/a/b/commit/{sha}"
    assert commit_page("https://gitlab.com/a/b", sha) == f"https://gitlab.com/a/b/-/commit/{sha}"
    page = commit_page("ssh://git@bitbucket.org/a/b.git", sha)
    assert page == f"https://bitbucket.org/a/b/commits/{sha}"
    assert commit_page("/srv/git/b.git", sha) == ""
    assert commit_page("javascript:alert(1)//github", sha) == ""
    graph, _ = shop_graph()
    pages = {node.name: node.href for node in view(graph).nodes}
    assert pages["search-query"] == (
        f"https://{WEST}.console.aws.amazon.com/lambda/home?region={WEST}#/functions/search-query"
    )


def test_caption_tells_time_scope_and_gaps() -> None:
    graph, _ = shop_graph()
    when, scope, gaps, services = view(graph).caption
    assert when == f"scanned {NOW:%Y-%m-%d %H:%M} UTC"
    assert scope.startswith(f"scope: {PROD} ({WEST}, {EAST}), ")
    assert gaps == "not read (1): ecr GetLifecyclePolicy denied"
    assert services == f"not read, and may run images: batch denied in {PROD}/{WEST}"


def test_caption_says_nothing_of_services_where_all_were_read() -> None:
    graph = crowd(1)
    assert view(graph).caption[2:] == ("no gaps",)
