"""Kept measurements: as a list, two of them side by side, and as files for other programs."""
