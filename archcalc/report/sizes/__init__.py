"""Input sizes of a network for a person, a spreadsheet, a program."""
