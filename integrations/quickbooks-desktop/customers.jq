# A job is a customer below another.
{
  id: .ListID,
  customerName: (.FullName // .Name),
  contactName: ((.Contact | blank) // ([.FirstName, .LastName] | joined(" "))),
  emailAddress: (.Email | blank),
  defaultCurrency: currency,
  phone: (.Phone | blank),
  taxNumber: (.TaxRegistrationNumber | blank)
} + {
  addresses: ([(.BillAddress | address("Billing")), (.ShipAddress | address("Delivery"))] | map(select(. != null))),
  status: active,
  sourceModifiedDate: modified
}
