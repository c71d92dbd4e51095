"""The programs of the product by their names, as the tables of the tests have them."""

from mantodeus_ops.remote.answers import programs

PROGRAMS = {one.label: one for one in vars(programs).values() if isinstance(one, programs.Program)}
