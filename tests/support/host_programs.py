"""The programs of the product by their names, as the tables of the tests have them."""

from mantodeus_ops.remote.answers import events, programs

PROGRAMS = {one.label: one for one in vars(programs).values() if isinstance(one, programs.Program)}
_STREAMS = [one for one in vars(events).values() if isinstance(one, events.EventProgram)]
_NOT_NODE = {"asked", "job"}  # a module of this tool in Python; the events of any job
NODE_PROGRAMS = sorted({one.name for one in (*PROGRAMS.values(), *_STREAMS)} - _NOT_NODE)
