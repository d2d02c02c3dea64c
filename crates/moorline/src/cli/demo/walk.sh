export PLATFORM=http://localhost:7400
export KEY=$(grep -o '"api_key": *"[^"]*"' demo-data/demo.json | cut -d '"' -f 4)
export AUTH="Authorization: Basic $(printf %s "$KEY" | base64 | tr -d '\n')"
first() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

# 1. Create a company when a customer signs up
export COMPANY=$(curl -s $PLATFORM/companies -H "$AUTH" --json '{"name": "merchant-42"}' | first id)
curl -s $PLATFORM/companies/$COMPANY -H "$AUTH"

# 2. Show the platforms it can connect, with their branding
curl -s "$PLATFORM/integrations?query=enabled%3Dtrue" -H "$AUTH"
curl -s $PLATFORM/integrations/mqjo/branding -H "$AUTH"

# 3. Create a connection, and send the customer to its linkUrl: open the printed address in a browser
export CONNECTION=$(curl -s $PLATFORM/companies/$COMPANY/connections -H "$AUTH" --json '{"platformKey": "mqjo"}' | first id)
curl -s $PLATFORM/companies/$COMPANY/connections/$CONNECTION -H "$AUTH" | first linkUrl

# 4. The customer authorises at the platform and comes back to your redirect URL with a status:
#    200 linked · 201 nothing changed · 403 cancelled · 500 failed · 501 not supported

# 5. Watch the data arrive, and read it
curl -s $PLATFORM/companies/$COMPANY/dataStatus -H "$AUTH"
curl -s "$PLATFORM/companies/$COMPANY/data/invoices?query=amountDue%3E0&orderBy=-issueDate" -H "$AUTH"

# 6. Let them manage it for ever after: a token for the component, and what happened to the connection
curl -s $PLATFORM/companies/$COMPANY/connectionManagement/accessToken -H "$AUTH"
curl -s $PLATFORM/companies/$COMPANY/connections/$CONNECTION/timeline -H "$AUTH"

# 7. End it
curl -s -X PATCH $PLATFORM/companies/$COMPANY/connections/$CONNECTION -H "$AUTH" --json '{"status": "Unlinked"}'
