package import Sandbox

/// The engine's doors to the world, each a small protocol that somebody above it implements.
package struct BuildServices: Sendable {
    /// Where artifacts end up.
    package var store: any ArtifactStore
    /// Client-side encryption; nil when the plan asks for none.
    package var sealer: (any ArtifactSealer)?
    /// Content hashes.
    package var hasher: any ContentHasher
    /// Parameter Store and Secrets Manager; nil when there is no access to AWS.
    package var secrets: (any SecretResolver)?
    /// AWS credentials for the build's own commands; nil, as by default, when it is given none.
    package var lentCredentials: LentCredentials?
    /// The runner's terminal, which a paused build opens a shell on; nil when it has none.
    package var terminal: Terminal?
    /// Where the log goes besides the build's own directory; nowhere, as by default.
    package var deliveries: [any LogDelivery] = []
    /// Who is told of the build's changes; nobody, as by default.
    package var observer: (any BuildObserver)?
    /// Sources that are not on this machine; nil when there are none to fetch.
    package var sources: (any SourceFetcher)?
    /// Where the project's shared cache is; nil when it has none.
    package var cache: (any CacheObjects)?
    /// The time.
    package var clock: @Sendable () -> Timestamp

    /// Gathers the doors.
    package init(
        store: any ArtifactStore, sealer: (any ArtifactSealer)?, hasher: any ContentHasher,
        secrets: (any SecretResolver)?, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.sealer = sealer
        self.hasher = hasher
        self.secrets = secrets
        self.clock = clock
    }
}
