"""Closed forms for a person, a paper, a program: text, LaTeX, Python, JSON."""
