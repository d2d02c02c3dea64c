# The platform doesn't give the time of a location's last change.
{id: .id, name: (.name // .business_name), address: (.address | address("Unknown"))}
