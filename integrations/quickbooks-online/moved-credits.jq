# A credit memo gives to the accounts of its items.
item_movements("creditMemo"; true)
