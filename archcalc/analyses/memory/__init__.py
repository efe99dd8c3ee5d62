"""Memory to the byte: of a run without gradients, and of a training step."""
