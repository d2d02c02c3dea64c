-- Programs on customers' machines that call, and bring the answers to what they are asked.
create table machine (
    connection_id blob not null primary key references connection (id) on delete cascade,
    -- The names by which the program knows what it was set up for: the same for as long as there is the connection.
    owner_id blob not null,
    file_id blob not null,
    -- The digest of its password; none once the access has ended.
    verifier blob,
    -- That of a password which takes its place with the first good call by it: until then the one before works on.
    next_verifier blob,
    -- The way of the customer that its first call completes; none once that is done.
    state_hash blob,
    -- The books' own place there, as the program last said it.
    place text,
    -- The last call, and what is in the way since, if anything is.
    heard text,
    trouble text,
    -- Not asked anything before then.
    paused_until text,
    -- Wrong passwords in a row, and the time before which none is looked at.
    failures integer not null default 0,
    shut_until text
) strict;

-- Calls of such a program: from its password to its goodbye.
create table machine_call (
    id blob not null primary key,
    connection_id blob not null references machine (connection_id) on delete cascade,
    -- The digest of the word by which it is known.
    ticket_hash blob not null unique,
    heard text not null,
    ended text,
    -- True once the books were seen to be the connection's.
    known integer not null,
    -- True if it came by the next password, or by the only one there is.
    newest integer not null,
    -- The question that the machine has in hand.
    question_id blob,
    -- The last thing to be said to its user.
    said text
) strict;
create index machine_call_by_connection on machine_call (connection_id);

-- Questions for such a program, and its answers.
create table machine_question (
    id blob not null primary key,
    connection_id blob not null references machine (connection_id) on delete cascade,
    -- The pull that asks, or the call itself for whose books they are.
    subject blob not null,
    hash blob not null,
    question text not null,
    -- The only call in which it can be asked.
    call_id blob,
    -- One of: waiting, answered, refused, over.
    state text not null,
    answer text,
    -- Codes of no known meaning that came in its place.
    oddities integer not null default 0,
    -- The call that brought the answer.
    answered_in blob,
    -- True once the pull has stored what came of it.
    used integer not null,
    unique (subject, hash)
) strict;
create index machine_question_by_connection on machine_question (connection_id, state);
