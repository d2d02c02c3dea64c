gone(.ListID)
