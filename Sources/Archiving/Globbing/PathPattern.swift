/// A glob for a path: one ``ComponentPattern`` per component, and `**` for any number of components, also
/// none.
///
/// It is matched one component at a time, while a tree is walked: a *position* is an index of the component
/// that has to match next. A directory carries the set of positions that its path has reached.
struct PathPattern: Sendable, Hashable {
    enum Component: Sendable, Hashable {
        case anyDepth
        case one(ComponentPattern)
    }

    let components: [Component]

    init(components: [Component]) {
        var collapsed: [Component] = []
        for component in components where component != .anyDepth || collapsed.last != .anyDepth {
            collapsed.append(component)
        }
        self.components = collapsed
    }

    /// The positions before any component is seen.
    var start: [Int] {
        closure([0])
    }

    /// Whether a file of this name, in a directory that has reached `positions`, matches the whole pattern.
    func accepts(_ name: UnsafeBufferPointer<UInt8>, at positions: [Int]) -> Bool {
        let last = components.count - 1
        for position in positions where position == last {
            switch components[position] {
            case .anyDepth: return true
            case .one(let pattern): if pattern.matches(name) { return true }
            }
        }
        return false
    }

    /// The positions reached by a directory of this name; ``isComplete(_:)`` ones included.
    func advance(_ positions: [Int], by name: [UInt8]) -> [Int] {
        name.withUnsafeBufferPointer { advance(positions, by: $0) }
    }

    /// The positions reached by a directory of this name; ``isComplete(_:)`` ones included.
    func advance(_ positions: [Int], by name: UnsafeBufferPointer<UInt8>) -> [Int] {
        var next: [Int] = []
        for position in positions where position < components.count {
            switch components[position] {
            case .anyDepth: next.append(position)
            case .one(let pattern): if pattern.matches(name) { next.append(position + 1) }
            }
        }
        return closure(next)
    }

    /// Whether something below can still match.
    func canContinue(_ positions: [Int]) -> Bool {
        positions.contains { $0 < components.count }
    }

    /// Whether the path that reached these positions matches as a whole.
    func isComplete(_ positions: [Int]) -> Bool {
        positions.contains(components.count)
    }

    /// Whether every file of a directory that has reached these positions matches, whatever its name.
    func acceptsEveryName(at positions: [Int]) -> Bool {
        let last = components.count - 1
        return positions.contains { position in
            guard position == last else { return false }
            return if case .one(let pattern) = components[position] { pattern.matchesEverything } else {
                true
            }
        }
    }

    /// Whether every file below, at any depth, matches.
    func acceptsEverything(at positions: [Int]) -> Bool {
        positions.contains { position in
            guard position < components.count, components[position] == .anyDepth else { return false }
            return components[(position + 1)...].allSatisfy { component in
                if case .one(let pattern) = component { pattern.matchesEverything } else { false }
            } && components.count - position <= 2
        }
    }

    /// The names that can come next, when only literal ones can; nil when a wildcard is among them.
    func literalNames(at positions: [Int]) -> [[UInt8]]? {
        var names: [[UInt8]] = []
        for position in positions where position < components.count {
            guard case .one(let pattern) = components[position], let literal = pattern.literal else {
                return nil
            }
            names.append(literal)
        }
        return names
    }

    private func closure(_ positions: [Int]) -> [Int] {
        var reached: [Int] = []
        for position in positions {
            var position = position
            if !reached.contains(position) { reached.append(position) }
            while position < components.count, components[position] == .anyDepth {
                position += 1
                if !reached.contains(position) { reached.append(position) }
            }
        }
        return reached
    }
}
