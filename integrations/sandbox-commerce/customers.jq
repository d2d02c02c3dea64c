{
  id: .shopperId,
  customerName: ([.firstName, .lastName] | map(select(. != null)) | join(" ") | blank_to_null),
  emailAddress: .email,
  phone: .phone,
  defaultCurrency: .currencyCode
} + {
  addresses: (.addresses // [] | map(
    (.use | one_of({billing: "Billing", shipping: "Delivery"})) as $type | address($type)
  )),
  note: .note,
  createdDate: (.createdAt | time),
  sourceModifiedDate: (.updatedAt | time)
}
