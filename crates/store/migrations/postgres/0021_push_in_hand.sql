-- Until then a run of the write has it in hand at the platform: no other begins. By the real time, as leases run.
alter table push_operation add column in_hand_until timestamptz;
