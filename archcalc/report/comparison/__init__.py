"""Networks side by side, in every format."""
