import Diagnostics

extension DecodingReport {
    /// Among more builds than this no suggestion is looked for, since each takes time in proportion to their number.
    private static let buildsWorthComparing = 100

    /// The identifier of a batch's build, which must be given.
    func identifier(_ identifier: Marked<String>?, path: String, at range: SourceRange) -> Marked<String>? {
        guard let identifier, !identifier.value.isEmpty else {
            let place = identifier?.range ?? SourceRange(start: range.start, end: range.start)
            add(.missingKey, "\(path) is missing at line \(place.start.line)", at: place)
            return nil
        }
        let isPlain = identifier.value.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        if !isPlain || identifier.value.utf8.count >= 128 {
            add(
                .doubtfulIdentifier,
                "the identifier '\(identifier.value)' should have letters, digits and underscores only, fewer than 128",
                at: identifier.range)
        }
        return identifier
    }

    /// Refuses identifiers that are given twice.
    func checkIdentifiers(_ builds: [Batch.Build]) {
        var places: [String: SourceRange] = [:]
        for build in builds {
            let identifier = build.identifier
            if let first = places[identifier.value] {
                add(
                    .duplicateIdentifier, "the identifier '\(identifier.value)' is given twice",
                    at: identifier.range, notes: [Diagnostic.Note("given before here", at: first)])
            } else {
                places[identifier.value] = identifier.range
            }
        }
    }

    /// Refuses dependencies on builds that do not exist, and circles of dependencies.
    func checkDependencies(_ builds: [Batch.Build]) {
        let byName = Dictionary(builds.map { ($0.identifier.value, $0) }) { first, _ in first }
        var waiting: [String: Set<String>] = [:]
        var dependents: [String: [String]] = [:]
        for build in builds {
            for dependency in build.dependOn {
                if byName[dependency.value] == nil {
                    add(
                        .unknownDependency, "depend-on names an unknown build '\(dependency.value)'",
                        at: dependency.range,
                        mend: nearestBuild(to: dependency.value, in: builds))
                } else if waiting[build.identifier.value, default: []].insert(dependency.value).inserted {
                    dependents[dependency.value, default: []].append(build.identifier.value)
                }
            }
        }
        var ready = byName.keys.filter { waiting[$0, default: []].isEmpty }
        while let done = ready.popLast() {
            for dependent in dependents[done] ?? [] {
                waiting[dependent]?.remove(done)
                if waiting[dependent]?.isEmpty == true { ready.append(dependent) }
            }
        }
        addCycle(builds.first { waiting[$0.identifier.value]?.isEmpty == false }, waiting, byName)
    }

    /// Names one circle among builds that wait for each other: following any of their dependencies must lead into it.
    private func addCycle(
        _ build: Batch.Build?, _ waiting: [String: Set<String>], _ byName: [String: Batch.Build]
    ) {
        guard var name = build?.identifier.value else { return }
        var path: [String] = []
        var indices: [String: Int] = [:]
        while indices[name] == nil {
            indices[name] = path.count
            path.append(name)
            guard let next = waiting[name]?.min() else { return }
            name = next
        }
        let cycle = path[(indices[name] ?? 0)...] + [name]
        add(
            .dependencyCycle, "builds depend on each other: \(cycle.joined(separator: " -> "))",
            at: byName[name]?.identifier.range)
    }

    private func nearestBuild(to name: String, in builds: [Batch.Build]) -> String? {
        guard builds.count <= Self.buildsWorthComparing else { return nil }
        return KeySuggestion.nearest(to: name, among: builds.map(\.identifier.value))
            .map { "did you mean `\($0)`?" }
    }
}
