"""Print the catalogue: `python -m catalogue --format table|json`; `--rules` prints the firewall's rules instead."""

import argparse
import json

from catalogue.rows import DOCUMENTED, ROWS
from catalogue.rules import rules_table


def main() -> None:
    """Print domain, region, protocol, URL template, source and date of every row."""
    parser = argparse.ArgumentParser(prog="python -m catalogue", description=__doc__)
    parser.add_argument("--format", choices=("table", "json"), default="table")
    parser.add_argument("--rules", action="store_true", help="print the rules of the firewall as a Markdown table")
    parser.add_argument("--all", action="store_true", help="also what an older or overruled document says")
    options = parser.parse_args()
    if options.rules:
        print(rules_table())
        return
    rows = [
        {
            "domain": row.domain,
            "region": row.region,
            "protocol": row.protocol,
            "url_template": row.url_template,
            "source": row.source,
            "date": row.published.isoformat(),
            "timeout": f"{row.service.timeout} s" if row.service.timeout else "",
            "sla": row.service.sla,
            "note": row.note,
            "offered": "yes" if row.offered else "no",
            "stands": "yes" if row in ROWS else "no",
        }
        for row in (DOCUMENTED if options.all else ROWS)
    ]
    if options.format == "json":
        print(json.dumps(rows, indent=2))
        return
    columns = (
        "domain",
        "region",
        "protocol",
        "url_template",
        "date",
        "timeout",
        "sla",
        *(("offered", "stands") if options.all else ()),
        "source",
    )
    widths = {c: max(len(c), *(len(row[c]) for row in rows)) for c in columns}
    for line in ({c: c.upper() for c in columns}, *rows):
        print("  ".join(line[c].ljust(widths[c]) for c in columns).rstrip())


if __name__ == "__main__":
    main()
