gone(.id)
