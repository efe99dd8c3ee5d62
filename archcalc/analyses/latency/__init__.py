"""How long a network runs: measurements, what they can be believed, and predictions with their error."""
