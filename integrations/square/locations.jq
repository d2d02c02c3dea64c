# The time of a location's last change isn't told.
{id: .id, name: (.name // .business_name), address: (.address | address("Unknown"))}
