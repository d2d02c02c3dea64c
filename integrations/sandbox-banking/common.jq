# Shared by the maps of this folder. Amounts are strings without a sign; their direction is ISO 20022's: CRDT is in,
# DBIT is out (of a balance: held, owed). Absent members are left out.

def signed($direction):
  if . == null then null
  elif $direction == "CRDT" then decimal elif $direction == "DBIT" then dneg
  else error("direction \($direction) is neither CRDT nor DBIT") end;

def day: date("%Y%m%d");
