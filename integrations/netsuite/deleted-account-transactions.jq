.id as $id | gone("\($id)-\($lookup.banks[].id)")
