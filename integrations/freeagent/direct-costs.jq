select(explained_as == "directCosts") | at_once(bank_account($lookup.accounts); -1)
