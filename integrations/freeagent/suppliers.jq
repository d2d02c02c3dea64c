# See customers.jq.
{
  id: (.url | id),
  supplierName: (organisation // person),
  contactName: person,
  emailAddress: (.email | blank_to_null),
  phone: phone,
  addresses: addresses("Billing"),
  taxNumber: (.sales_tax_registration_number | blank_to_null)
} + {
  status: (.status | one_of({Active: "Active", Hidden: "Archived"})),
  sourceModifiedDate: .updated_at
}
