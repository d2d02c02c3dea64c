# All postings of a transaction that was changed: it moves no other bank account or card, if it did before.
.[0].id as $id
| map(.account) as $moved
| $lookup.banks[].id
| select(. as $bank | $moved | all(. != $bank))
| gone("\($id)-\(.)")
