//! One record that a client writes to a platform (the contract's "push operation"), and its statuses.

super::words! {
    pub enum PushStatus {
        Pending => "Pending",
        Success => "Success",
        Failed => "Failed",
        TimedOut => "TimedOut",
    }
}
