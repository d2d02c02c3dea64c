# Shared by the maps of this folder. What a map may call: integrations/README.md, "Maps".

# An amount that the platform sends as a number or a text, to the last digit.
def amount: blank_to_null | decimal;
