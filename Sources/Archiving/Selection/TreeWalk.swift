/// Where a walk begins and what it looks for.
struct WalkStart {
    /// The directory as asked for; exclusions are matched against this and the names below it.
    let path: RootPath
    /// Where it really is.
    let realPath: RootPath
    /// What stands before the names of what is found.
    var namePrefix = RootPath.root
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

/// One walk down a tree for any number of patterns at once; it enters only directories in which one can still
/// match, and asks the file system about nothing that a directory's entries tell already.
///
/// Directories are walked in byte order of paths, so that what is found is mostly sorted.
struct TreeWalk {
    let root: AnchoredRoot
    let start: WalkStart
    let excluded: [PathPattern]
    /// Links to directories are followed while they stay in one of these.
    let trees: [RootPath]
    let limits: SelectionLimits
    var hiddenDirectory: RootPath?
    var ignoreRules: IgnoreRules?
    var collectsDirectories = false
    var keepsLinks = false
    var keepsEveryLink = false

    private(set) var found = FoundFiles()
    private(set) var directories: [RootPath] = []
    var outcomes: [PatternOutcome]
    private let reader: DirectoryReader
    let listings: DirectoryListings
    private var visited = 0

    /// A directory whose entries are being looked at.
    struct Visit {
        let directory: WalkDirectory
        let listing: DirectoryListing
        var next = 0
        /// Directories before this entry are read ahead.
        var expected = 0
        /// How many of them are not entered yet.
        var ahead = 0
    }

    init(
        root: AnchoredRoot, start: WalkStart, excluded: [PathPattern], trees: [RootPath],
        limits: SelectionLimits
    ) {
        self.root = root
        self.start = start
        self.excluded = excluded
        self.trees = trees
        self.limits = limits
        reader = DirectoryReader(root: root)
        listings = DirectoryListings(root: root)
        outcomes = Array(repeating: PatternOutcome(), count: start.patterns.count)
    }

    /// Walks; what was found is in the properties afterwards.
    ///
    /// - Throws: `unreadable`, `limitExceeded`, `cancelled`.
    mutating func run(_ notes: inout SelectionNotes) throws(ArchivingError) {
        if let hiddenDirectory, start.realPath.isWithin(hiddenDirectory) { return }
        if let ignoreRules {
            let parts = start.realPath.components
            for end in parts.indices where ignoreRules.leavesOut(Array(parts[...end]), isDirectory: true) {
                return
            }
        }
        var excludedPositions = excluded.map(\.start)
        for component in start.path.components {
            for index in excluded.indices {
                excludedPositions[index] = excluded[index].advance(excludedPositions[index], by: component)
            }
        }
        let first = WalkDirectory(
            relativePath: .root, realPath: start.realPath, namePrefix: start.namePrefix.asPrefix,
            positions: start.patterns.map(\.start), excludedPositions: excludedPositions, jumps: [])
        defer { listings.stop() }
        var visits = [try visit(first)]
        while var visit = visits.popLast() {
            if Task.isCancelled {
                throw ArchivingError(
                    .cancelled, visit.directory.realPath.description, "the task was cancelled")
            }
            guard let (inner, next) = try look(at: visit, &notes) else { continue }
            visit.next = next
            visit.ahead = max(0, visit.ahead - 1)
            if visit.ahead <= Self.directoriesAhead / 2 { expectDirectories(of: &visit) }
            if next < visit.listing.entries.count { visits.append(visit) }
            visits.append(try self.visit(inner))
        }
    }

    /// Lists a directory, or looks only for the names that can match.
    private func visit(_ directory: WalkDirectory) throws(ArchivingError) -> Visit {
        var listing: DirectoryListing
        guard let names = directory.literalNames(start.patterns) else {
            listing = try listings.list(directory.realPath, with: reader)
            var visit = Visit(directory: directory, listing: listing)
            expectDirectories(of: &visit)
            return visit
        }
        listing = DirectoryListing()
        for name in names {
            guard let kind = try root.kind(of: directory.realPath.appending(name)) else { continue }
            name.withUnsafeBufferPointer { listing.append($0, kind) }
        }
        listing.sort()
        return Visit(directory: directory, listing: listing, expected: listing.entries.count)
    }

    /// Goes on with a directory until another one has to be entered; that one, and where to go on after it.
    private mutating func look(
        at visit: Visit, _ notes: inout SelectionNotes
    ) throws(ArchivingError) -> (WalkDirectory, next: Int)? {
        let directory = visit.directory
        let matcher = FileMatcher(directory, patterns: start.patterns, excluded: excluded)
        let entries = visit.listing.entries
        return try visit.listing.names.withUnsafeBufferPointer {
            (names) throws(ArchivingError) -> (WalkDirectory, next: Int)? in
            for index in visit.next..<entries.count {
                let entry = entries[index]
                let name = UnsafeBufferPointer(rebasing: names[entry.start..<(entry.start + entry.length)])
                try countName(in: directory)
                guard let kind = try kind(of: entry, name, in: directory) else { continue }
                var inner: WalkDirectory?
                switch kind {
                case .directory:
                    inner = enter(
                        Array(name), real: directory.realPath.appending(name), from: directory, jump: false)
                case .file:
                    guard let pattern = match(name, matcher) else { continue }
                    try add(
                        SelectedFile(
                            name: directory.entryName(name), content: .file, directory: directory.realPath,
                            realName: nil), pattern)
                case .special(let special):
                    guard match(name, matcher) != nil else { continue }
                    let path = directory.realPath.appending(name)
                    guard !isIgnored(path, isDirectory: false) else { continue }
                    notes.add(detail: .specialFile(path: path.description, kind: special))
                case .link:
                    inner = try follow(Array(name), in: directory, matcher, &notes)
                }
                if let inner { return (inner, index + 1) }
            }
            return nil
        }
    }

    /// What an entry is; nil when it does not exist any more.
    private func kind(
        of entry: DirectoryListing.Entry, _ name: UnsafeBufferPointer<UInt8>, in directory: WalkDirectory
    ) throws(ArchivingError) -> AnchoredRoot.Kind? {
        if let kind = entry.kind { return kind }
        return try root.kind(of: directory.realPath.appending(name))
    }

    private mutating func countName(in directory: WalkDirectory) throws(ArchivingError) {
        visited += 1
        guard visited <= limits.visitedNames else {
            throw ArchivingError(
                .limitExceeded, directory.realPath.description,
                "more than \(limits.visitedNames) names to look at")
        }
    }

    /// The first pattern that a file of this name matches and no exclusion takes away again.
    mutating func match(_ name: UnsafeBufferPointer<UInt8>, _ matcher: FileMatcher) -> Int? {
        collectsDirectories ? nil : matcher.match(name, &outcomes)
    }

    /// Whether anything can match in a directory of this name.
    func isWorthEntering(_ name: [UInt8], in directory: WalkDirectory) -> Bool {
        zip(start.patterns, directory.positions).contains { pattern, positions in
            let next = pattern.advance(positions, by: name)
            return pattern.canContinue(next) || (collectsDirectories && pattern.isComplete(next))
        }
    }

    /// A directory to be visited, if anything can match in it.
    mutating func enter(
        _ name: [UInt8], real: RootPath, from directory: WalkDirectory, jump: Bool
    ) -> WalkDirectory? {
        if let hiddenDirectory, real.isWithin(hiddenDirectory) { return nil }
        var positions = directory.positions
        var isPromising = false
        for (index, pattern) in start.patterns.enumerated() {
            if !collectsDirectories, pattern.acceptsEverything(at: positions[index]) {
                isPromising = true
                continue
            }
            positions[index] = pattern.advance(positions[index], by: name)
            if pattern.isComplete(positions[index]) {
                outcomes[index].matchedDirectory = true
                if collectsDirectories { note(directory: directory.relativePath.appending(name)) }
            }
            isPromising = isPromising || pattern.canContinue(positions[index])
        }
        guard isPromising else { return nil }
        let excludedPositions = zip(excluded, directory.excludedPositions).map { $0.advance($1, by: name) }
        let isExcluded = zip(excluded, excludedPositions).contains { $0.acceptsEverything(at: $1) }
        guard !isExcluded, !isIgnored(real, isDirectory: true) else {
            // Nothing below can be selected. Patterns that lead there are not called wrong for it.
            for index in positions.indices where start.patterns[index].canContinue(positions[index]) {
                outcomes[index].matchedFile = true
            }
            return nil
        }
        return WalkDirectory(
            relativePath: directory.relativePath.appending(name), realPath: real,
            namePrefix: directory.namePrefix + name + [UInt8(ascii: "/")], positions: positions,
            excludedPositions: excludedPositions,
            jumps: jump ? directory.jumps + [directory.realPath, real] : directory.jumps)
    }

    private mutating func note(directory relativePath: RootPath) {
        let path = RootPath(components: start.path.components + relativePath.components)
        if directories.last != path { directories.append(path) }
    }

    /// Whether rules leave out what lies there; the path is only made where there are rules.
    private func isIgnored(_ path: @autoclosure () -> RootPath, isDirectory: Bool) -> Bool {
        ignoreRules?.leavesOut(path().components, isDirectory: isDirectory) ?? false
    }

    mutating func add(_ file: SelectedFile, _ pattern: Int) throws(ArchivingError) {
        guard !isIgnored(file.path, isDirectory: false) else { return }
        try check(file)
        found.append(file, order: pattern)
    }

    mutating func add(
        link file: SelectedFile, _ pattern: Int, linksToDirectory: Bool
    ) throws(ArchivingError) {
        guard !isIgnored(file.path, isDirectory: false) else { return }
        try check(file)
        found.append(link: file, order: pattern, linksToDirectory: linksToDirectory)
    }

    private func check(_ file: SelectedFile) throws(ArchivingError) {
        guard file.name.bytes.count <= limits.nameLength else {
            throw ArchivingError(
                .limitExceeded, file.name.description, "its name has more than \(limits.nameLength) bytes")
        }
        guard found.count < limits.files else {
            throw ArchivingError(.limitExceeded, start.path.description, "more than \(limits.files) files")
        }
    }

    /// Notes that what is found next comes through a link, and is not in order.
    mutating func leaveOrder() { found.isUnsorted = true }
}
