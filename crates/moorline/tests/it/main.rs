//! Stories, told from outside: through HTTP, on both databases.

mod walls;
