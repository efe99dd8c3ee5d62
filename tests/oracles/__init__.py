"""Networks counted by hand, from the papers' tables: `NETWORKS` in each module maps "file.arch:network" to its Counts."""
