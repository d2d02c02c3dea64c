//! What can happen, and who can make it happen.

super::words! {
    /// The contract's event types (webhook `eventType`), and ours where it has none.
    pub enum EventType {
        CompanyCreated => "company.created",
        CompanyUpdated => "company.updated",
        CompanyDeleted => "company.deleted",
        ConnectionCreated => "connection.created",
        ConnectionConnected => "connection.connected",
        ConnectionFailed => "connection.failed",
        ConnectionDisconnected => "connection.disconnected",
        ConnectionReconnected => "connection.reconnected",
        ConnectionDeleted => "connection.deleted",
        ReadCompleted => "read.completed",
        ReadCompletedInitial => "read.completed.initial",
    }
}

super::words! {
    /// Who did it.
    pub enum Actor {
        /// The company's own people, on a hosted page or in the component.
        Customer => "customer",
        /// The client's software, with an API key.
        Client => "client",
        /// The platform at the other end, by its answer.
        Platform => "platform",
        /// Moorline of its own accord.
        Moorline => "moorline",
    }
}
