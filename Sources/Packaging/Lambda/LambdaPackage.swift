import Archiving
import Glibc
package import SystemPackage

/// A deployment package for AWS Lambda: a directory as a zip whose bytes depend on nothing but names,
/// contents, links and which files are executable.
package struct LambdaPackage: Sendable, Hashable {
    /// What a package is.
    package struct Summary: Sendable, Hashable {
        /// Bytes of the zip; Lambda takes 50 MB directly.
        package let byteCount: Int64
        /// Files and links in it.
        package let entryCount: Int
        /// Bytes of all contents; Lambda allows 250 MiB.
        package let unpackedByteCount: Int64
    }

    /// 1980-01-01 00:00:00 UTC, the first moment a zip can hold; for packages that do not say otherwise.
    package static let defaultTime: Int64 = 315_532_800

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

    /// Describes a package.
    package init(
        directory: FilePath, include: [String] = ["**/*"], exclude: [String] = [], time: Int64 = defaultTime,
        level: Int = 9
    ) {
        self.directory = directory
        self.include = include
        self.exclude = exclude
        self.time = time
        self.level = level
    }

    /// Writes the package to a file, complete or not at all.
    ///
    /// - Throws: `unsuitableFile` for links that lead out or nowhere, FIFOs, sockets, devices and names that
    ///   are not UTF-8, `noFiles`, `archivingFailed`, `unwritable`.
    package func write(to target: FilePath) throws(PackagingError) -> Summary {
        let selection = try selected(besides: target)
        let options = ZipOptions(level: level, fixedTime: max(time, Self.defaultTime), normalizesModes: true)
        return try PrivateFile.write(target) { file throws(PackagingError) in
            do throws(ArchivingError) {
                let summary = try ZipWriter(options: options).write(selection, to: file)
                return Summary(
                    byteCount: summary.byteCount, entryCount: summary.entryCount,
                    unpackedByteCount: summary.unpackedByteCount)
            } catch {
                throw PackagingError(error, packing: directory.description)
            }
        }
    }

    private func selected(besides target: FilePath) throws(PackagingError) -> Selection {
        let selection: Selection
        do throws(ArchivingError) {
            let selector = try FileSelector(root: directory, sourceDirectory: "/")
            selection = try selector.select(
                ArtifactSelectionRequest(
                    patterns: include, excludePaths: exclude + place(of: target), enableSymlinks: true))
        } catch {
            guard error.code != .noMatchingFiles else {
                throw PackagingError(
                    .noFiles, directory.description, "it holds no file that is to be packaged")
            }
            throw PackagingError(error, packing: directory.description)
        }
        for note in selection.notes {
            if let refusal = Self.refusal(note) { throw refusal }
        }
        return selection
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
        case .brokenLink(let path):
            PackagingError(.unsuitableFile, path, "it is a link that leads nowhere, or out of the directory")
        case .linkLeavesTree(let path, let target):
            PackagingError(.unsuitableFile, path, "it is a link to \(target), which is not in the directory")
        case .linkLoop(let path, _):
            PackagingError(.unsuitableFile, path, "it is a link that goes in a circle")
        case .linkTargetNotSelected(let path):
            PackagingError(.unsuitableFile, path, "it is a link to something that is left out")
        case .specialFile(let path, let kind):
            PackagingError(.unsuitableFile, path, "it is a \(kind.rawValue)")
        case .nameNotUTF8(let name):
            PackagingError(.unsuitableFile, name.description, "its name is not UTF-8")
        case .expandingBaseDirectory, .expandingFilePaths, .expandingPattern, .patternWithoutMatch,
            .patternNamesDirectory, .nameCollision, .furtherNotes:
            nil
        }
    }
}
