import SystemPackage

/// Lets one tree of a group of the ``PackingPlan`` go ahead and the others follow when it is done.
actor PackingTurns {
    /// How a tree is packed.
    struct Turn: Sendable, Hashable {
        /// Whether no other tree is packed meanwhile, as far as can be foreseen.
        let isAlone: Bool
        /// Whether contents are likely to come again, in this tree or in others.
        let isRelated: Bool
    }

    private enum Group {
        case begun(waiting: [CheckedContinuation<Void, Never>])
        case over
    }

    private let makePlan: @Sendable () async -> PackingPlan
    private lazy var plan = Task { [makePlan] in await makePlan() }
    private var groups: [Int: Group] = [:]
    private var packing = 0

    /// Gives turns by a plan, which is made when the first tree has to be packed.
    init(_ makePlan: @escaping @Sendable () async -> PackingPlan) {
        self.makePlan = makePlan
    }

    /// Packs a tree when it is its turn.
    ///
    /// - Parameters:
    ///   - path: by what the plan knows it.
    ///   - body: packs it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws; the others of the group follow then, too.
    func take<R: Sendable, Failure: Error>(
        _ path: FilePath, _ body: @Sendable (Turn) async throws(Failure) -> R
    ) async throws(Failure) -> R {
        let plan = await plan.value
        guard let group = plan.group(of: path) else {
            return try await pack(Turn(isAlone: false, isRelated: true), body)
        }
        let isRelated = plan.groups[group].hasRepetitions
        switch groups[group] {
        case nil:
            groups[group] = .begun(waiting: [])
            defer { end(group) }
            let isAlone = packing == 0 && !plan.hasWork(besides: group)
            return try await pack(Turn(isAlone: isAlone, isRelated: isRelated), body)
        case .begun(let waiting):
            await withCheckedContinuation { groups[group] = .begun(waiting: waiting + [$0]) }
        case .over: break
        }
        return try await pack(Turn(isAlone: false, isRelated: isRelated), body)
    }

    private func pack<R: Sendable, Failure: Error>(
        _ turn: Turn, _ body: @Sendable (Turn) async throws(Failure) -> R
    ) async throws(Failure) -> R {
        packing += 1
        defer { packing -= 1 }
        return try await body(turn)
    }

    private func end(_ group: Int) {
        if case .begun(let waiting) = groups[group] {
            for other in waiting { other.resume() }
        }
        groups[group] = .over
    }
}
