"""What mkdocs does beside its own: links that lead out of docs/ become plain words, since nothing there is on the site;
mermaid, which draws the diagrams, is ours to serve; llms.txt says what there is, with each page as it was written."""

import re
from pathlib import Path
from typing import Any

MERMAID = "mermaid.min.js"
_LINK = re.compile(r"(?<!!)\[([^\]\[]+)\]\(([^)\s]+)\)")
# Where the theme would fetch what a browser lacks. None does, and nothing may.
_ELSEWHERE = re.compile(r"https://unpkg\.com/[\w@./-]+")
_ROOT = Path(__file__).parent.parent.parent


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """The page without links to what is not on the site."""
    here = (_ROOT / "docs" / page.file.src_uri).parent

    def kept(link: re.Match[str]) -> str:
        place = link[2].partition("#")[0]
        if not place or re.match(r"[a-z]+:", place):
            return link[0]
        lies = (here / place).resolve()
        return link[0] if lies.is_relative_to(_ROOT / "docs") and not lies.is_dir() else link[1]

    return _LINK.sub(kept, markdown)


def on_post_build(config: Any, **_: Any) -> None:
    """Beside the pages: mermaid, every page's source, and llms.txt."""
    site, docs = Path(config["site_dir"]), Path(config["docs_dir"])
    (site / MERMAID).write_bytes((_ROOT / "build" / "mermaid" / MERMAID).read_bytes())
    for script in (site / "assets" / "javascripts").glob("*.js*"):
        script.write_text(_ELSEWHERE.sub("about:blank", script.read_text("utf-8")), "utf-8")
    for page in docs.rglob("*.md"):
        (site / page.relative_to(docs)).write_bytes(page.read_bytes())
    (site / "llms.txt").write_text(llms(config["nav"], docs), "utf-8")


def llms(nav: Any, docs: Path) -> str:
    """The pages by what they are for, each with the first sentence of its own."""
    lines = ["# Batal", "", f"> {_first_sentence((docs / 'index.md').read_text('utf-8'))}"]
    for group in nav:
        ((name, inside),) = group.items()
        if isinstance(inside, str):
            continue
        lines += ["", f"## {name}", ""]
        for each in inside:
            ((title, place),) = each.items()
            lines.append(f"- [{title}]({place}): {_first_sentence((docs / place).read_text('utf-8'))}")
    return "\n".join([*lines, ""])


def _first_sentence(markdown: str) -> str:
    paragraphs = [each for each in re.split(r"\n\s*\n", markdown) if re.match(r"[A-Z*`\[]", each.strip())]
    text = _LINK.sub(r"\1", " ".join(paragraphs[0].split()) if paragraphs else "")
    return re.split(r"(?<=[.!?]) ", text, maxsplit=1)[0]
