//! The kinds of work that are done behind a request.

super::words! {
    pub enum JobKind {
        /// Pull one dataset. Subject: the dataset.
        Sync => "sync",
        /// Tell a platform that a grant is no longer wanted (RFC 7009). Subject: the grant; of the previous version's jobs the
        /// connection, which may be gone.
        Revoke => "revoke",
        /// End the access to one business at its platform, while others go on sharing the grant. Subject: the grant.
        TakeOut => "takeOut",
        /// Write one record to a platform, or notice that its time is up. Subject: the push operation.
        Push => "push",
        /// Look whether connections need their customers' consent anew. Subject: a company, or a client for all of its companies.
        Reconsider => "reconsider",
    }
}
