# A line of a bill that is posted to a bank account or a card puts money there.
line_movements("bill"; false)
