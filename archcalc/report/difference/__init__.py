"""What differs between files and their networks, for a terminal, a pull request and programs."""
