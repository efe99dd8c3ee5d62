"""Networks counted by hand, from the papers' tables: `NETWORKS` of a module maps "file.arch:network" to its Counts."""
