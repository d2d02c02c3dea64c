.record | contact_to_write("CUSTOMER"; .customerName)
