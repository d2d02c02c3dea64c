# A contact is a customer and a supplier alike: the platform doesn't distinguish them. Both data types have every contact.
{
  id: (.url | id),
  customerName: (organisation // person),
  contactName: person,
  emailAddress: ((.billing_email | blank_to_null) // (.email | blank_to_null)),
  phone: phone,
  addresses: addresses("Billing"),
  taxNumber: (.sales_tax_registration_number | blank_to_null)
} + {
  status: (.status | one_of({Active: "Active", Hidden: "Archived"})),
  sourceModifiedDate: .updated_at
}
