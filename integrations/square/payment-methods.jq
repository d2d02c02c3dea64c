# The platform has no list of them: these are the words of its payments.
["CARD", "CASH", "WALLET", "BANK_ACCOUNT", "BUY_NOW_PAY_LATER", "SQUARE_ACCOUNT", "EXTERNAL"][]
| {id: ., name: payment_method, status: "Active"}
