extension Build {
    /// Opens the places that the log is delivered to.
    func openDeliveries() async throws(RunnerFailure) {
        for delivery in services.deliveries { try await delivery.open() }
    }

    /// Lets the log services have what is left, several at a time.
    func finishDeliveries() async {
        let deliveries = services.deliveries
        guard !deliveries.isEmpty else { return }
        let warnings = await withTaskGroup(of: (Int, [String]).self) { group in
            for (index, delivery) in deliveries.enumerated() {
                group.addTask { (index, await delivery.finish()) }
            }
            return await group.reduce(into: [(Int, [String])]()) { $0.append($1) }
        }
        outcome.warnings += warnings.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }

    /// Tells the observer of the build's state.
    func announceState() async {
        guard let observer = services.observer else { return }
        observer.buildChanged(await record)
    }

    /// Tells the observer of the phase that has just ended.
    func announcePhase() async {
        guard let observer = services.observer else { return }
        let record = await record
        if let phase = record.phases.last { observer.phaseEnded(phase, of: record) }
    }

    /// Tells the observer how the build ended, and waits until it is told.
    func announceEnd() async {
        guard let observer = services.observer else { return }
        observer.buildChanged(await record)
        outcome.warnings += await observer.finish()
    }
}
