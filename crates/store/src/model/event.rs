//! Kinds of events, and their actors.

super::words! {
    /// The contract's event types (webhook `eventType`), and ours if it has none. docs/WEBHOOKS.md shows each one's
    /// payload.
    pub enum EventType {
        CompanyCreated => "company.created",
        /// Ours.
        CompanyUpdated => "company.updated",
        CompanyDeleted => "company.deleted",
        CompanyProductAdded => "company.product.added",
        CompanyProductRemoved => "company.product.removed",
        /// Ours: a business asks for a copy of its data, or for its deletion.
        DataRequestCreated => "company.dataRequest.created",
        /// Ours: the client answered that.
        DataRequestAnswered => "company.dataRequest.answered",
        ConnectionCreated => "connection.created",
        ConnectionConnected => "connection.connected",
        ConnectionFailed => "connection.failed",
        ConnectionDisconnected => "connection.disconnected",
        ConnectionReconnected => "connection.reconnected",
        ConnectionDeleted => "connection.deleted",
        /// Ours: the platform doesn't renew the access token; reported once each time that it begins.
        TokenRefreshFailing => "connection.tokenRefresh.failing",
        /// Ours: it does again.
        TokenRefreshRecovered => "connection.tokenRefresh.recovered",
        /// Ours: the grant will end soon unless the customer renews it.
        CredentialExpiring => "connection.credential.expiring",
        /// Ours: pulling a data type waits, for a reason and until a time.
        SyncPaused => "connection.sync.paused",
        ReadCompleted => "read.completed",
        ReadCompletedInitial => "read.completed.initial",
        /// On the wire a data type stands before it: `bills.write.successful`.
        WriteSuccessful => "write.successful",
        WriteUnsuccessful => "write.unsuccessful",
        /// Of the client, not of one of its companies.
        RateLimitReached => "client.rateLimit.reached",
        RateLimitReset => "client.rateLimit.reset",
        /// Ours, of the client: one of its consumers is sent nothing more.
        WebhookDisabled => "webhook.disabled",
    }
}

impl EventType {
    /// True if the wire's name begins with a data type.
    pub const fn is_write(self) -> bool {
        matches!(self, Self::WriteSuccessful | Self::WriteUnsuccessful)
    }

    /// The name on the wire; `data_type` is the write's.
    pub fn name(self, data_type: Option<&str>) -> String {
        match data_type {
            Some(data_type) if self.is_write() => format!("{data_type}.{self}"),
            _ => self.as_str().to_owned(),
        }
    }
}

super::words! {
    /// The part of a grant that expires.
    pub enum Expiring {
        /// The platform's refresh tokens have a last day.
        RefreshToken => "refreshToken",
        /// The customer's consent has one, by law or by the platform's rules.
        Consent => "consent",
    }
}

super::words! {
    /// The party that did it.
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
