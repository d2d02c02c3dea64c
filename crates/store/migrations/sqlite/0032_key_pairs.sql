-- Key pairs that were made for connections whose certificates are still to be registered at the platform; one that is in use is kept
-- with the connection's tokens.
create table key_pair (
    connection_id blob not null primary key references connection (id) on delete cascade,
    client_id blob not null,
    -- PEM.
    certificate text not null,
    -- Sealed.
    private_key blob not null,
    made text not null,
    expires text not null
) strict;
