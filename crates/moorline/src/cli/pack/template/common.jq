# Shared by the maps of this folder. integrations/README.md, "Maps", lists the functions that a map may call.

# An amount that the platform sends as a number or a text, to the last digit.
def amount: blank_to_null | decimal;
