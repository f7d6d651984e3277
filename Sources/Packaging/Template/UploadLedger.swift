/// Who stores what, so that nothing is stored twice in one run; and how much it was.
actor UploadLedger {
    private let listing: StoreListing?
    private var claimed: Set<String> = []
    private(set) var stored: Set<String> = []
    private(set) var unchanged: Set<String> = []

    /// Begins.
    ///
    /// - Parameter listing: what finds out which keys there are, in the background.
    init(listing: StoreListing?) {
        self.listing = listing
    }

    /// The keys that are known to be there.
    ///
    /// The question ends when one who waits for the answer is cancelled: then all are, and the service may be silent.
    func listed() async throws(TemplateError) -> StoredKeys {
        guard let listing else { return StoredKeys() }
        return try await withTaskCancellationHandler {
            await listing.value
        } onCancel: {
            listing.cancel()
        }.get()
    }

    /// Whether the caller is the one who stores a key.
    func claim(_ key: String) -> Bool { claimed.insert(key).inserted }

    /// Counts an object.
    func count(isNew: Bool, _ key: String) {
        if isNew { stored.insert(key) } else { unchanged.insert(key) }
    }
}
