package import Archiving
import Glibc
package import SystemPackage

/// A deployment package for AWS Lambda: a directory as a zip whose bytes depend on nothing but names,
/// contents, links and which files are executable.
package struct LambdaPackage: Sendable, Hashable {
    /// What a package is.
    package struct Summary: Sendable, Hashable {
        /// Bytes of the zip.
        package let byteCount: Int64
        /// Files and links in it.
        package let entryCount: Int
        /// Bytes of all contents.
        package let unpackedByteCount: Int64
        /// What people should know; one line each.
        package let warnings: [String]
    }

    /// 1980-01-01 00:00:00 UTC, the first moment a zip can hold; for packages that do not say otherwise.
    package static let defaultTime: Int64 = 315_532_800
    /// The level of packages that do not say otherwise.
    package static let defaultLevel = ZipOptions.defaultLevel
    /// The file of rules of what to leave out, by the rules of `.gitignore`; it is in no package itself.
    package static let ignoreFile = ".lambdaignore"
    /// How long it may be.
    private static let mostRuleBytes = 1 << 20

    /// The directory that becomes the package's root.
    package var directory: FilePath
    /// Patterns of what goes in; by the rules of `artifacts/files`.
    package var include: [String]
    /// Patterns of what stays out; by the rules of `exclude-paths`.
    package var exclude: [String]
    /// The modification time of all entries, in seconds since 1970, as `SOURCE_DATE_EPOCH` gives it; times
    /// before 1980 are moved there.
    package var time: Int64
    /// 1 (fastest) to 12 (smallest).
    package var level: Int
    /// What the package is, when it is a layer.
    package var layer: LambdaLayer?
    /// What is checked.
    package var checks: LambdaChecks

    /// Describes a package.
    package init(
        directory: FilePath, include: [String] = ["**/*"], exclude: [String] = [], time: Int64 = defaultTime,
        level: Int = defaultLevel, layer: LambdaLayer? = nil, checks: LambdaChecks = LambdaChecks()
    ) {
        self.directory = directory
        self.include = include
        self.exclude = exclude
        self.time = time
        self.level = level
        self.layer = layer
        self.checks = checks
    }

    /// Writes the package to a file, complete or not at all.
    ///
    /// - Parameters:
    ///   - target: the file to write or replace; what lies there in the directory is not packaged.
    ///   - bytes: sees every byte of the zip, in order, for hashing it.
    /// - Returns: What was written.
    /// - Throws: `unsuitableFile` for links that lead out of the directory, FIFOs, sockets, devices and names
    ///   that are not UTF-8, `noFiles`, what the checks find, `archivingFailed`, `unwritable`.
    package func write(
        to target: FilePath, bytes: ((UnsafeRawBufferPointer) -> Void)? = nil
    ) throws(PackagingError) -> Summary {
        var (selection, warnings) = try selected(besides: target)
        if let layer { selection = layer.place(selection, runtime: checks.runtime) }
        var survey = LambdaSurvey(checks: checks)
        var options = ZipOptions(level: level, fixedTime: max(time, Self.defaultTime), normalizesModes: true)
        options.refusesChanges = true
        if !checks.ignoresLimits { options.mostBytes = LambdaSurvey.unpackedLimit }
        return try PrivateFile.write(target) { file throws(PackagingError) in
            do throws(ArchivingError) {
                let observer = ZipObserver(bytes: bytes, entry: { survey.add($0) })
                let summary = try ZipWriter(options: options).write(selection, to: file, observer: observer)
                survey.packedByteCount = summary.byteCount
                survey.unpackedByteCount = summary.unpackedByteCount
                survey.entryCount = summary.entryCount
            } catch {
                guard error.code != .noSpace, error.code != .unwritable else {
                    throw PackagingError(.unwritable, target.description, error.reason)
                }
                if error.code == .limitExceeded {
                    // Too much for Lambda, or for any zip: the sizes tell.
                    _ = try LambdaSurvey(of: selection, checks: checks).verdict(on: target)
                }
                throw PackagingError(error, packing: directory.description)
            }
            warnings += try survey.verdict(on: target)
            return Summary(
                byteCount: survey.packedByteCount, entryCount: survey.entryCount,
                unpackedByteCount: survey.unpackedByteCount, warnings: warnings)
        }
    }

    /// The names of what goes in, sorted, and what ``write(to:bytes:)`` warns about before it writes.
    ///
    /// - Throws: what ``write(to:bytes:)`` throws before it writes.
    package func names(
        besides target: FilePath?
    ) throws(PackagingError) -> (names: [EntryName], warnings: [String]) {
        let (selection, warnings) = try selected(besides: target)
        let placed = layer?.place(selection, runtime: checks.runtime) ?? selection
        return (placed.files.map(\.name), warnings)
    }

    /// What goes in, checked as far as names and sources tell, and what to warn about.
    private func selected(
        besides target: FilePath?
    ) throws(PackagingError) -> (Selection, warnings: [String]) {
        let rules = try ignoreRules()
        let selection: Selection
        do throws(ArchivingError) {
            var selector = try FileSelector(root: directory, sourceDirectory: "/")
            // A target that is a link is followed when it is written.
            let targets = [target, target.flatMap(Self.real)].compactMap { $0 }
            let left =
                exclude + [Self.ignoreFile] + (rules.excludePatterns ?? []) + targets.flatMap(place)
            if rules.excludePatterns == nil { selector.ignoreRules = rules }
            selection = try selector.select(
                ArtifactSelectionRequest(
                    patterns: include, excludePaths: left, keepsEveryLink: true))
        } catch {
            guard error.code != .noMatchingFiles else { throw noFiles }
            throw PackagingError(error, packing: directory.description)
        }
        for note in selection.notes {
            if let refusal = Self.refusal(note) { throw refusal }
        }
        try checks.refuseSecrets(in: selection)
        if layer == nil { try checks.checkHandler(in: selection) }
        let misplaced = layer?.warning(selection, runtime: checks.runtime).map { [$0] } ?? []
        return (
            selection,
            Self.warnings(selection.notes) + idleExclusions + misplaced + (try LambdaLinks.check(selection))
        )
    }

    private var noFiles: PackagingError {
        let asked = include == ["**/*"] ? "" : " (\(include.joined(separator: ", ")))"
        return PackagingError(
            .noFiles, directory.description, "it holds no file that is to be packaged" + asked)
    }

    /// What a person who names files has to know: one that is not there is passed by (behaviour reference, section 6.1).
    private static func warnings(_ notes: [SelectionNote]) -> [String] {
        let directories = notes.compactMap { note in
            if case .patternNamesDirectory(let pattern) = note { pattern } else { nil }
        }
        return notes.compactMap { note in
            guard case .patternWithoutMatch(let pattern) = note else { return nil }
            guard directories.contains(pattern) else { return "no file matches the pattern \(pattern)" }
            return "the pattern \(pattern) names a directory and takes nothing; write "
                + "\(FilePath(pattern).appending("**/*")) for its content"
        }
    }

    /// Exclusions that exclude nothing, as far as their names tell: what was to stay out goes in.
    private var idleExclusions: [String] {
        exclude.compactMap { pattern in
            let name = FilePath(pattern)
            guard !pattern.contains(where: { "*?[\\".contains($0) }), !name.isAbsolute, !name.isEmpty else {
                return nil
            }
            var status = stat()
            guard lstat(directory.appending(name.components).string, &status) == 0 else {
                return "nothing has the name of the exclusion \(pattern)"
            }
            guard status.st_mode & S_IFMT == S_IFDIR else { return nil }
            return "the exclusion \(pattern) names a directory and leaves nothing out; write "
                + "\(name.appending("**/*")) for its content"
        }
    }

    /// What the directory's own file of rules says.
    ///
    /// - Throws: `unsuitableRules` where there is one that cannot be read as a whole: what was to stay out would go in.
    private func ignoreRules() throws(PackagingError) -> IgnoreRules {
        let content: [UInt8]?
        do throws(ArchivingError) {
            content = try ruleBytes()
        } catch {
            throw PackagingError(error, packing: directory.description)
        }
        if let content {
            guard content.count <= Self.mostRuleBytes else {
                throw PackagingError(
                    .unsuitableRules, Self.ignoreFile, "it has more than \(Self.mostRuleBytes) bytes")
            }
            return IgnoreRules(String(decoding: content, as: UTF8.self))
        }
        var status = stat()
        guard lstat(directory.appending(Self.ignoreFile).string, &status) == 0 else { return IgnoreRules("") }
        let isLink = status.st_mode & S_IFMT == S_IFLNK
        throw PackagingError(
            .unsuitableRules, Self.ignoreFile,
            isLink ? "it is a link that leads to no file in the directory" : "it is not a file")
    }

    /// The file of rules, as far as one byte more than it may have; nil where there is none.
    private func ruleBytes() throws(ArchivingError) -> [UInt8]? {
        do throws(ArchivingError) {
            let selector = try FileSelector(root: directory, sourceDirectory: "/")
            let selection = try selector.select(ArtifactSelectionRequest(patterns: [Self.ignoreFile]))
            guard let file = selection.files.first else { return nil }
            return try selection.content(of: file, limit: Self.mostRuleBytes + 1)
        } catch {
            guard error.code == .noMatchingFiles else { throw error }
            return nil
        }
    }

    /// The pattern of a target that lies in the directory: what an earlier run left there is not to be
    /// packaged.
    private func place(of target: FilePath) -> [String] {
        let parent = target.removingLastComponent()
        guard let name = target.lastComponent, let root = Self.real(directory),
            let parent = Self.real(parent.isEmpty ? "." : parent), parent.starts(with: root)
        else { return [] }
        let below = parent.components.dropFirst(root.components.count).map(\.string) + [name.string]
        let pattern: [Character] = below.joined(separator: "/").flatMap {
            (character: Character) -> [Character] in
            "\\*?[".contains(character) ? ["\\", character] : [character]
        }
        return ["/" + String(pattern)]
    }

    private static func real(_ path: FilePath) -> FilePath? {
        path.withPlatformString { text in
            guard let resolved = realpath(text, nil) else { return nil }
            defer { free(resolved) }
            return FilePath(platformString: resolved)
        }
    }

    /// What an artifact may leave out with a warning, a function must not miss.
    private static func refusal(_ note: SelectionNote) -> PackagingError? {
        switch note {
        case .specialFile(let path, let kind):
            PackagingError(.unsuitableFile, String(path.drop { $0 == "/" }), "it is a \(kind.rawValue)")
        case .nameNotUTF8(let name):
            PackagingError(.unsuitableFile, name.description, "its name is not UTF-8")
        case .brokenLink, .linkLeavesTree, .linkLoop, .linkTargetNotSelected, .expandingBaseDirectory,
            .expandingFilePaths, .expandingPattern, .patternWithoutMatch, .patternNamesDirectory,
            .nameCollision, .furtherNotes:
            nil
        }
    }
}
