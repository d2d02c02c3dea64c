-- Programs on customers' machines that call, and bring the answers to what they are asked.
create table machine (
    connection_id uuid not null primary key references connection (id) on delete cascade,
    -- The names by which the program knows what it was set up for: the same for as long as there is the connection.
    owner_id uuid not null,
    file_id uuid not null,
    -- The digest of its password; none once the access has ended.
    verifier bytea,
    -- That of a password which takes its place with the first good call by it: until then the one before works on.
    next_verifier bytea,
    -- The way of the customer that its first call completes; none once that is done.
    state_hash bytea,
    -- The books' own place there, as the program last said it.
    place text,
    -- The last call, and what is in the way since, if anything is.
    heard timestamptz,
    trouble text,
    -- Not asked anything before then.
    paused_until timestamptz,
    -- Wrong passwords in a row, and the time before which none is looked at.
    failures bigint not null default 0,
    shut_until timestamptz
);

-- Calls of such a program: from its password to its goodbye.
create table machine_call (
    id uuid not null primary key,
    connection_id uuid not null references machine (connection_id) on delete cascade,
    -- The digest of the word by which it is known.
    ticket_hash bytea not null unique,
    heard timestamptz not null,
    ended timestamptz,
    -- True once the books were seen to be the connection's.
    known boolean not null,
    -- True if it came by the next password, or by the only one there is.
    newest boolean not null,
    -- The question that the machine has in hand.
    question_id uuid,
    -- The last thing to be said to its user.
    said text
);
create index machine_call_by_connection on machine_call (connection_id);

-- Questions for such a program, and its answers.
create table machine_question (
    id uuid not null primary key,
    connection_id uuid not null references machine (connection_id) on delete cascade,
    -- The pull that asks, or the call itself for whose books they are.
    subject uuid not null,
    hash bytea not null,
    question text not null,
    -- The only call in which it can be asked.
    call_id uuid,
    -- One of: waiting, answered, refused, over.
    state text not null,
    answer text,
    -- Codes of no known meaning that came in its place.
    oddities bigint not null default 0,
    -- The call that brought the answer.
    answered_in uuid,
    -- True once the pull has stored what came of it.
    used boolean not null,
    unique (subject, hash)
);
create index machine_question_by_connection on machine_question (connection_id, state);
