"""A measured network for a person (text, Markdown) and for programs (JSON, CSV)."""
