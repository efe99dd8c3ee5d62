"""A sweep's points as text, CSV, JSON and Parquet, and a picture of them."""
