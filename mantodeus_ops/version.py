"""The version of this tool, written into every backup that it makes."""

VERSION = "0.1.0"
