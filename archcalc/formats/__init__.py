"""Graphs as files that are read elsewhere: a file a format."""
