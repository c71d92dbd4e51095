"""Shows reports as a person would see them, for the tests of the views."""

import io

from mantodeus_ops.results import HostResult
from mantodeus_ops.ui.print_results import emit


def shown(view, *reports, stdout=None, columns="80", dry=False):
    """Return the text for these reports, one a host, on a pipe unless a stream is given."""
    hosts = [HostResult("t", f"web{at}", report, 1.0, dry=dry) for at, report in enumerate(reports)]
    out = stdout or io.StringIO()
    env = {"COLUMNS": columns, "TERM": "xterm"}
    emit(hosts, view, as_json=False, stdout=out, stderr=io.StringIO(), env=env)
    return out.getvalue()
