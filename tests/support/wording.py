"""What no message may look like: a part of it twice, an empty part, two sentences glued."""

import re
from contextlib import contextmanager
from itertools import pairwise
from unittest.mock import patch

from mantodeus_ops.errors import OpsError

_GLUED = re.compile(r"(?<![.\s])\.\.(?=\s|$)|[:;,]\s*[.;:](?:\s|$)|\(\)|: ;|  +[.;:,]")
_OPEN = re.compile(r"[:;,(]\s*$|^\s*[:;,]")
# Typed or found elsewhere: not our words. The apostrophe of an owner opens nothing.
_QUOTED = re.compile(r"""(?<!\w)(['"])(?:\\.|(?!\1).)*\1(?!\w)""")
_PARTS = re.compile(r"[:;.] |[()]")


def faults(message, hint):
    """Return what is wrong with how an error reads; nothing when it is well."""
    message = _QUOTED.sub("'…'", message)
    parts = [one.strip() for one in _PARTS.split(message) if re.search(r"\w", one)]
    found = {
        "no message": not message.strip(),
        "glued": _GLUED.search(message),
        "an empty part": _OPEN.search(message),
        "a part twice": any(one == other for one, other in pairwise(parts)),
        "a hint that says nothing": hint != "" and not hint.strip(),
        "a hint of several lines": "\n" in hint,
        "the hint in the message": hint != "" and message.endswith(hint),
    }
    return [what for what, so in found.items() if so]


@contextmanager
def every_error():
    """Yield what is wrong with each error that is made meanwhile, as it is found."""
    found, make = [], OpsError.__init__

    def made(self, *given, **more):
        make(self, *given, **more)
        if wrong := faults(self.message, self.hint):
            found.append((wrong, self.message, self.hint))

    with patch.object(OpsError, "__init__", made):
        yield found
