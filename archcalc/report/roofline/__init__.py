"""Networks under a device's roof: text, a picture, JSON, CSV and Markdown."""
