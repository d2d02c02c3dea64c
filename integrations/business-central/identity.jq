# The environment that the companies are listed for. A copy of an environment has companies with the same ids.
$lookup.environment as $environment
| [.value[] | {
    id: ([$environment.aadTenantId, $environment.name, .id] | join("/")),
    companyName: ((.displayName | blank) // .name),
    detail: ([$environment.name, (if $environment.type == "Sandbox" then "(sandbox)" else null end)] | joined(" ")),
    variables: {tenant: $environment.aadTenantId, environment: $environment.name, company: .id}
  }]
