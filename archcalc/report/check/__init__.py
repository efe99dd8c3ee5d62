"""What `archcalc check` finds, in each format that people and machines read."""
