"""Records as a person, CI or another program reads them."""
