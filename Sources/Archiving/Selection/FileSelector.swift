package import SystemPackage

/// Selects the files of an artifact from what a build left behind (behaviour reference, sections 6.1 to 6.3).
///
/// Everything is resolved below one directory descriptor that stands for the build's `/`.
package struct FileSelector: Sendable {
    let root: AnchoredRoot
    /// Where relative paths start, as given.
    let source: RootPath
    /// Where that really is.
    let realSource: RootPath
    let limits: SelectionLimits
    /// What is left out besides what a request excludes; they count from the root.
    package var ignoreRules: IgnoreRules?

    /// Opens the root.
    ///
    /// - Parameters:
    ///   - root: the host's directory that the build sees as `/`; may be `/` itself.
    ///   - sourceDirectory: the build's source directory, absolute inside the root.
    ///   - limits: when to refuse a tree.
    /// - Throws: `invalidDirectory`.
    package init(
        root: FilePath, sourceDirectory: FilePath, limits: SelectionLimits = SelectionLimits()
    ) throws(ArchivingError) {
        self.root = try AnchoredRoot(root)
        self.limits = limits
        source = RootPath(components: PatternText(sourceDirectory.string).parts)
        switch self.root.resolve(source.bytes) {
        case .success((.directory, let real)): realSource = real
        case .success: throw ArchivingError(.invalidDirectory, source.description, "it is not a directory")
        case .failure(let errno):
            throw ArchivingError(.invalidDirectory, source.description, errno.description, errno: errno)
        }
    }

    /// Selects files.
    ///
    /// - Throws: `noMatchingBaseDirectory`, `noMatchingFiles`, `unreadable` (a directory), `limitExceeded`,
    ///   `duplicateName` (a file where another file needs a directory), `cancelled`.
    package func select(_ request: ArtifactSelectionRequest) throws(ArchivingError) -> Selection {
        var notes = SelectionNotes(limit: limits.notes)
        let bases = try baseDirectories(request.baseDirectory, &notes)
        var candidates = FoundFiles()
        for (index, base) in bases.enumerated() {
            notes.add(step: .expandingFilePaths(baseDirectory: base.text))
            candidates.append(contentsOf: try collect(request, base: base, baseIndex: index, &notes))
        }
        let files = try SelectionMerge(request: request, limits: limits).merge(candidates, &notes)
        guard !files.isEmpty else {
            throw ArchivingError(.noMatchingFiles, request.patterns.joined(separator: " "), "nothing matches")
        }
        return Selection(
            files: files, baseDirectories: bases.map(\.text), notes: notes.finished, root: root)
    }

    /// The names of the files that match any of the patterns, sorted, relative to a directory of the root.
    ///
    /// For helper commands such as `codebuild-glob-search` (behaviour reference, section 2.8); no match is an
    /// empty list.
    ///
    /// - Throws: `noMatchingBaseDirectory`, `unreadable`, `limitExceeded`, `cancelled`.
    package func glob(_ patterns: [String], in directory: String? = nil) throws(ArchivingError) -> [EntryName]
    {
        var notes = SelectionNotes(limit: 0)
        let request = ArtifactSelectionRequest(patterns: patterns)
        var names: Set<EntryName> = []
        for (index, base) in try baseDirectories(directory, &notes).enumerated() {
            for file in try collect(request, base: base, baseIndex: index, &notes).files {
                names.insert(file.name)
            }
        }
        return names.sorted()
    }
}

/// A base directory that exists.
struct BaseDirectory {
    /// For the log.
    let text: String
    /// As asked for, which is what `exclude-paths` and `..` are counted from.
    let path: RootPath
    /// Where it really is.
    let realPath: RootPath
}
