import Glibc

/// A directory on a walk, and how far each pattern has come on the way to it.
struct WalkDirectory {
    let relativePath: RootPath
    let realPath: RootPath
    /// What stands before the names in it; empty, or ended by a slash.
    let namePrefix: [UInt8]
    /// Positions of each pattern.
    let positions: [[Int]]
    let excludedPositions: [[Int]]
    /// Where links on the way here were, and where they led to.
    let jumps: [RootPath]

    /// The only names worth looking for; nil when the directory has to be listed.
    func literalNames(_ patterns: [PathPattern]) -> [[UInt8]]? {
        var names: Set<[UInt8]> = []
        for (pattern, positions) in zip(patterns, positions) {
            guard let literals = pattern.literalNames(at: positions) else { return nil }
            names.formUnion(literals)
        }
        return Array(names)
    }

    /// The name in the artifact of something that lies in it.
    func entryName(_ name: [UInt8]) -> EntryName {
        EntryName(bytes: namePrefix + name)
    }

    /// The name in the artifact of something that lies in it.
    func entryName(_ name: UnsafeBufferPointer<UInt8>) -> EntryName {
        let length = namePrefix.count + name.count
        return EntryName(
            bytes: [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
                namePrefix.withUnsafeBufferPointer { prefix in
                    guard let start = buffer.baseAddress, let nameStart = name.baseAddress else { return }
                    if let prefixStart = prefix.baseAddress { memcpy(start, prefixStart, prefix.count) }
                    memcpy(start + prefix.count, nameStart, name.count)
                    count = length
                }
            })
    }
}

/// Matches names of one directory; what is the same for all of them is found out once.
struct FileMatcher {
    private struct Pattern {
        let index: Int
        let pattern: PathPattern
        let positions: [Int]
        let acceptsEveryName: Bool

        func accepts(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
            acceptsEveryName || pattern.accepts(name, at: positions)
        }
    }

    /// Those that can match a file here.
    private let patterns: [Pattern]
    private let excluded: [Pattern]

    init(_ directory: WalkDirectory, patterns: [PathPattern], excluded: [PathPattern]) {
        self.patterns = Self.candidates(patterns, directory.positions)
        self.excluded = Self.candidates(excluded, directory.excludedPositions)
    }

    private static func candidates(_ patterns: [PathPattern], _ positions: [[Int]]) -> [Pattern] {
        zip(patterns, positions).enumerated().compactMap { index, element in
            let (pattern, positions) = element
            guard positions.contains(pattern.components.count - 1) else { return nil }
            return Pattern(
                index: index, pattern: pattern, positions: positions,
                acceptsEveryName: pattern.acceptsEveryName(at: positions))
        }
    }

    /// The first pattern that a file of this name matches and no exclusion takes away again.
    func match(_ name: UnsafeBufferPointer<UInt8>, _ outcomes: inout [PatternOutcome]) -> Int? {
        var first: Int?
        for candidate in patterns where first == nil || !outcomes[candidate.index].matchedFile {
            guard candidate.accepts(name) else { continue }
            outcomes[candidate.index].matchedFile = true
            if first == nil { first = candidate.index }
        }
        guard first != nil, !excluded.contains(where: { $0.accepts(name) }) else { return nil }
        return first
    }
}
