# Tenants of a practice have no books.
(if type == "array" then .[] else . end)
| select(.tenantType == "ORGANISATION")
| {
    id: .tenantId,
    companyName: .tenantName,
    variables: {tenant_id: .tenantId, connection_id: .id}
  }
