# A line of a vendor credit that is posted to a bank account or a card takes money from there.
line_movements("vendorCredit"; true)
