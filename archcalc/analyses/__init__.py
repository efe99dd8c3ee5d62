"""What follows from a graph: one function and one frozen record each."""
