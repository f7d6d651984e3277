/// Where a walk begins and what it looks for.
struct WalkStart {
    /// The directory as asked for; exclusions are matched against this and the names below it.
    let path: RootPath
    /// Where it really is.
    let realPath: RootPath
    /// What to find, relative to it.
    let patterns: [PathPattern]
}

/// What became of one pattern.
struct PatternOutcome {
    /// It matched a file, perhaps one that is excluded.
    var matchedFile = false
    /// It matched a directory, which alone selects nothing.
    var matchedDirectory = false
}

/// A file found by a walk.
struct FoundFile {
    /// Relative to the start, through the links that were followed.
    let relativePath: RootPath
    /// The first pattern that matched it.
    let pattern: Int
    /// The directory in which its content, or the kept link, really lies.
    let directory: RootPath
    /// The content's name there, when a followed link has another.
    let realName: [UInt8]?
    /// The link's target as written, when it is a link that may be kept.
    let linkTarget: [UInt8]?
    /// Whether a kept link leads to a directory, so that its content cannot be stored in its place.
    let linksToDirectory: Bool
}

/// One walk down a tree for any number of patterns at once; it enters only directories in which one can still
/// match.
struct TreeWalk {
    struct Directory {
        let relativePath: RootPath
        let realPath: RootPath
        /// Positions of each pattern.
        let positions: [[Int]]
        let excludedPositions: [[Int]]
        /// Where links on the way here were, and where they led to.
        let jumps: [RootPath]
    }

    let root: AnchoredRoot
    let start: WalkStart
    let excluded: [PathPattern]
    /// Links to directories are followed while they stay in one of these.
    let trees: [RootPath]
    let limits: SelectionLimits
    var hiddenDirectory: RootPath?
    var collectsDirectories = false
    var keepsLinks = false

    private(set) var files: [FoundFile] = []
    private(set) var directories: [RootPath] = []
    private(set) var outcomes: [PatternOutcome]
    private var pending: [Directory] = []
    private var visited = 0

    init(
        root: AnchoredRoot, start: WalkStart, excluded: [PathPattern], trees: [RootPath],
        limits: SelectionLimits
    ) {
        self.root = root
        self.start = start
        self.excluded = excluded
        self.trees = trees
        self.limits = limits
        outcomes = Array(repeating: PatternOutcome(), count: start.patterns.count)
    }

    /// Walks; what was found is in the properties afterwards.
    ///
    /// - Throws: `unreadable`, `limitExceeded`, `cancelled`.
    mutating func run(_ notes: inout SelectionNotes) throws(ArchivingError) {
        if let hiddenDirectory, start.realPath.isWithin(hiddenDirectory) { return }
        var excludedPositions = excluded.map(\.start)
        for component in start.path.components {
            for index in excluded.indices {
                excludedPositions[index] = excluded[index].advance(excludedPositions[index], by: component)
            }
        }
        pending = [
            Directory(
                relativePath: .root, realPath: start.realPath, positions: start.patterns.map(\.start),
                excludedPositions: excludedPositions, jumps: [])
        ]
        while let directory = pending.popLast() {
            if Task.isCancelled {
                throw ArchivingError(.cancelled, directory.realPath.description, "the task was cancelled")
            }
            try visit(directory, &notes)
        }
    }

    private mutating func visit(_ directory: Directory, _ notes: inout SelectionNotes) throws(ArchivingError)
    {
        if let names = literalNames(in: directory) {
            for name in names {
                let path = directory.realPath.appending(name)
                guard let kind = try root.kind(of: path) else { continue }
                try look(at: name, kind, in: directory, &notes)
            }
            return
        }
        try root.list(directory.realPath) { entry throws(ArchivingError) in
            if let kind = entry.kind {
                try look(at: entry.name, kind, in: directory, &notes)
            } else if let kind = try root.kind(of: directory.realPath.appending(entry.name)) {
                try look(at: entry.name, kind, in: directory, &notes)
            }
        }
    }

    /// The only names worth looking for; nil when the directory has to be listed.
    private func literalNames(in directory: Directory) -> [[UInt8]]? {
        var names: Set<[UInt8]> = []
        for (pattern, positions) in zip(start.patterns, directory.positions) {
            guard let literals = pattern.literalNames(at: positions) else { return nil }
            names.formUnion(literals)
        }
        return names.sorted(by: precedes)
    }

    private mutating func look(
        at name: [UInt8], _ kind: AnchoredRoot.Kind, in directory: Directory, _ notes: inout SelectionNotes
    ) throws(ArchivingError) {
        visited += 1
        guard visited <= limits.visitedNames else {
            throw ArchivingError(
                .limitExceeded, directory.realPath.description,
                "more than \(limits.visitedNames) names to look at")
        }
        switch kind {
        case .directory:
            enter(name, real: directory.realPath.appending(name), from: directory, jump: false)
        case .file:
            guard let pattern = match(name, in: directory) else { return }
            try add(
                FoundFile(
                    relativePath: directory.relativePath.appending(name), pattern: pattern,
                    directory: directory.realPath,
                    realName: nil, linkTarget: nil, linksToDirectory: false))
        case .special(let special):
            guard match(name, in: directory) != nil else { return }
            notes.add(
                detail: .specialFile(path: directory.realPath.appending(name).description, kind: special))
        case .link:
            try follow(name, in: directory, &notes)
        }
    }

    /// The first pattern that a file of this name matches and no exclusion takes away again.
    mutating func match(_ name: [UInt8], in directory: Directory) -> Int? {
        guard !collectsDirectories else { return nil }
        var first: Int?
        for (index, pattern) in start.patterns.enumerated()
        where pattern.accepts(name, at: directory.positions[index]) {
            outcomes[index].matchedFile = true
            if first == nil { first = index }
        }
        guard first != nil else { return nil }
        for (index, pattern) in excluded.enumerated()
        where pattern.accepts(name, at: directory.excludedPositions[index]) {
            return nil
        }
        return first
    }

    /// Whether anything can match in a directory of this name.
    func isWorthEntering(_ name: [UInt8], in directory: Directory) -> Bool {
        zip(start.patterns, directory.positions).contains { pattern, positions in
            let next = pattern.advance(positions, by: name)
            return pattern.canContinue(next) || (collectsDirectories && pattern.isComplete(next))
        }
    }

    /// Puts a directory on the list of those to visit, if anything can match in it.
    mutating func enter(_ name: [UInt8], real: RootPath, from directory: Directory, jump: Bool) {
        if let hiddenDirectory, real.isWithin(hiddenDirectory) { return }
        var positions: [[Int]] = []
        var isPromising = false
        for (index, pattern) in start.patterns.enumerated() {
            let next = pattern.advance(directory.positions[index], by: name)
            if pattern.isComplete(next) {
                outcomes[index].matchedDirectory = true
                if collectsDirectories { note(directory: directory.relativePath.appending(name)) }
            }
            isPromising = isPromising || pattern.canContinue(next)
            positions.append(next)
        }
        guard isPromising else { return }
        let excludedPositions = zip(excluded, directory.excludedPositions).map { $0.advance($1, by: name) }
        guard !zip(excluded, excludedPositions).contains(where: { $0.acceptsEverything(at: $1) }) else {
            // Nothing below can be selected. Patterns that lead there are not called wrong for it.
            for index in positions.indices where start.patterns[index].canContinue(positions[index]) {
                outcomes[index].matchedFile = true
            }
            return
        }
        pending.append(
            Directory(
                relativePath: directory.relativePath.appending(name), realPath: real, positions: positions,
                excludedPositions: excludedPositions,
                jumps: jump ? directory.jumps + [directory.realPath, real] : directory.jumps))
    }

    private mutating func note(directory relativePath: RootPath) {
        let path = RootPath(components: start.path.components + relativePath.components)
        if directories.last != path { directories.append(path) }
    }

    mutating func add(_ file: FoundFile) throws(ArchivingError) {
        guard file.relativePath.bytes.count <= limits.nameLength else {
            throw ArchivingError(
                .limitExceeded, file.relativePath.description,
                "its name has more than \(limits.nameLength) bytes")
        }
        guard files.count < limits.files else {
            throw ArchivingError(.limitExceeded, start.path.description, "more than \(limits.files) files")
        }
        files.append(file)
    }
}
