{
  id: .siteId,
  name: .label,
  address: (.address | address("Inventory")),
  sourceModifiedDate: (.updatedAt | time)
}
