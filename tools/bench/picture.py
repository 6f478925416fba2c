"""docs/figures/performance.svg: a change of one line, cached beside uncached."""

from typing import Any

from tools.bench.caching import WARM, WITH_CACHE, WITHOUT_CACHE

WIDTH, LEFT, BAR, GAP = 720, 250, 26, 10
COLORS = {WITHOUT_CACHE: "#c2410c", WITH_CACHE: "#15803d", WARM: "#64748b"}


def drawing(found: dict[str, Any]) -> str:
    """The picture as SVG: a bar for each median."""
    rows = [
        row for row in found["figures"] if row["subject"].startswith("a change of one line") and row["what"] in COLORS
    ]
    longest = max(row["median"] for row in rows)
    lines, top = [], 44
    for subject in dict.fromkeys(row["subject"] for row in rows):
        lines.append(f'<text x="12" y="{top + 16}" font-weight="bold">{subject.partition(", ")[2]}</text>')
        top += 26
        for row in (row for row in rows if row["subject"] == subject):
            length = max(2, round((WIDTH - LEFT - 80) * row["median"] / longest))
            lines += [
                f'<text x="12" y="{top + 18}">{row["what"]}</text>',
                f'<rect x="{LEFT}" y="{top}" width="{length}" height="{BAR}" rx="3" fill="{COLORS[row["what"]]}"/>',
                f'<text x="{LEFT + length + 8}" y="{top + 18}">{row["median"]:.1f} s</text>',
            ]
            top += BAR + GAP
        top += GAP
    body = "\n".join(f"  {line}" for line in lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}"'
        ' font-family="sans-serif" font-size="14">\n'
        f'  <rect width="{WIDTH}" height="{top}" fill="#ffffff"/>\n'
        '  <text x="12" y="26" font-size="16">A change of one line, from upload to recorded</text>\n'
        f"{body}\n</svg>\n"
    )
