"""The version of this tool, also written into every backup."""

VERSION = "0.1.0"
