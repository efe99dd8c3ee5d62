"""Specs as a tested part of a repository: files found, read once, checked, compared with what they were."""
