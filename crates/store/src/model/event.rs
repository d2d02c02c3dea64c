//! Kinds of events and of entries of the record, and their actors.

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
        /// Ours: its people use a platform that isn't on offer.
        PlatformRequested => "company.platform.requested",
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
        /// Ours: a grant has come to its end, given back to the platform or otherwise.
        GrantEnded => "connection.grant.ended",
        /// Ours: more is wanted of a connection than its customer agreed to, or its platform allowed.
        ConsentRequired => "connection.consent.required",
        /// Ours: a customer agreed to a further purpose for what is connected already.
        AdditionalConsentGiven => "connection.additionalConsent.given",
        /// Ours: or didn't.
        AdditionalConsentRefused => "connection.additionalConsent.refused",
        /// Ours: the times at which a machine may be asked were changed: a pause, or hours of the day.
        TimesChanged => "connection.times.changed",
        /// Ours: pulling a data type waits, for a reason and until a time.
        SyncPaused => "connection.sync.paused",
        /// Ours: data pulled through a connection whose access ended will be deleted.
        DataExpiring => "connection.data.expiring",
        /// Ours: it was.
        DataDeleted => "connection.data.deleted",
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
        /// The access ends by itself: the platform gave no means to renew it.
        AccessToken => "accessToken",
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

super::words! {
    /// The state of a consent, in the terms of ISO/IEC TS 27560 as the Data Privacy Vocabulary has them.
    pub enum ConsentState {
        /// In force.
        Given => "given",
        /// Taken back by the business's own people.
        Withdrawn => "withdrawn",
        /// Ended by another party: the client, the platform, the operator.
        Revoked => "revoked",
        /// Its time was over.
        Expired => "expired",
    }
}

super::words! {
    /// The act that an entry of the record tells of. The word before the dot says of what it is.
    pub enum RecordKind {
        ConsentGiven => "consent.given",
        /// Given again while it was in force.
        ConsentRenewed => "consent.renewed",
        /// Tokens came from elsewhere: this installation showed no page.
        ConsentImported => "consent.imported",
        /// The platform changed what it grants, while the consent goes on.
        ConsentChanged => "consent.changed",
        ConsentWithdrawn => "consent.withdrawn",
        ConsentRevoked => "consent.revoked",
        ConsentExpired => "consent.expired",
        /// To a further purpose, with what is connected already.
        ConsentAdditionalGiven => "consent.additionalGiven",
        ConsentAdditionalRefused => "consent.additionalRefused",
        /// Given before this installation kept a record.
        ConsentAdopted => "consent.adopted",
        /// The platform named the business only after the consent was given.
        ConsentIdentified => "consent.identified",
        /// A grant came to its end at the platform, or its end can't be proven.
        GrantEnded => "grant.ended",
        /// The platform ended the access to one business, while others go on sharing the grant.
        GrantBusinessEnded => "grant.businessEnded",
        /// A grant that several connections share is held by another of them.
        GrantPassed => "grant.passed",
        ClientCreated => "client.created",
        ClientDeleted => "client.deleted",
        ProfileChanged => "profile.changed",
        /// The origins that browsers may call from.
        CorsChanged => "cors.changed",
        KeyCreated => "key.created",
        KeyDeleted => "key.deleted",
        /// An automation service's key was replaced by a new one.
        ServiceKeyReplaced => "key.replaced",
        /// A platform that customers can choose, or the OAuth client there.
        IntegrationChanged => "integration.changed",
        /// Further fields of standard records, or a data type of the client's own.
        DataSettingsChanged => "dataSettings.changed",
        SyncSettingsChanged => "syncSettings.changed",
        ProductsChanged => "products.changed",
        /// The business asked for a copy or the deletion of its data.
        RequestMade => "request.made",
        RequestAnswered => "request.answered",
        CompanyDeleted => "company.deleted",
        WebhookCreated => "webhook.created",
        WebhookChanged => "webhook.changed",
        WebhookDeleted => "webhook.deleted",
        WebhookSecretRotated => "webhook.secretRotated",
        /// Pulled data was deleted: the days after its access ended were over.
        DataDeleted => "data.deleted",
        /// The business, or the client for it, uploaded documents.
        FilesUploaded => "files.uploaded",
        /// A write to a platform was requested.
        PushRequested => "push.requested",
        /// Days for which records and events are kept.
        RetentionChanged => "retention.changed",
        /// A new key signs receipts.
        ReceiptKeyRenewed => "receiptKey.renewed",
        /// Another key seals from now on.
        SealingKeyActivated => "sealingKey.activated",
        SealingKeyRetired => "sealingKey.retired",
        ExportBegun => "export.begun",
        /// An API key's reads of a company's data on one day.
        DataRead => "data.read",
        /// Sealed values of a connection, or of the client's own, that were opened on one day.
        SecretsOpened => "secrets.opened",
        /// Bodies of older entries were erased: their time was over.
        RecordErased => "record.erased",
        /// The end of the chain was not as this installation had left it.
        RecordBroken => "record.broken",
    }
}
