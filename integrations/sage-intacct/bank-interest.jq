select(is_interest) | bank_fee
