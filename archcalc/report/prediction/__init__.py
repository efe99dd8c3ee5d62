"""Predicted times as text, CSV and JSON."""
