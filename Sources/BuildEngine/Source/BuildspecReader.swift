import Buildspec
import Glibc
import Sandbox
import SystemPackage

/// Finds the text of a build's buildspec (behaviour reference, section 1.1).
struct BuildspecReader: Sendable {
    /// A text, and what it is called.
    struct Found: Sendable {
        var text: [UInt8]
        /// Where the build sees it: `YAML location is ...`.
        var inside: FilePath
        /// What diagnostics call it.
        var name: String
    }

    /// One byte more than the language allows, so that the decoder can tell a file that is too large.
    private static let limit = (1 << 20) + 1
    static let defaultNames: [FilePath] = ["buildspec.yml", "buildspec.yaml"]
    private static let inlineFile: FilePath = "codebuild/readonly/buildspec.yml"

    var location: BuildspecLocation
    var workspace: Workspace
    var files: AnchoredDirectory

    /// Reads it.
    ///
    /// Inline text is stored where CodeBuild stores it.
    /// - Throws: ``PhaseFailure`` with CodeBuild's words when there is none.
    func read() throws(PhaseFailure) -> Found {
        switch location {
        case .inline(let text, let name):
            do throws(SandboxError) {
                try files.replace(
                    Self.inlineFile, with: text, permissions: [.ownerReadWrite, .groupRead, .otherRead])
            } catch {
                throw PhaseFailure(RunnerFailure("store the buildspec", error.description, hint: error.hint))
            }
            return Found(text: text, inside: workspace.root.inside(Self.inlineFile), name: name)
        case .object(let bucket, let key):
            throw PhaseFailure(.yamlFileError("s3://\(bucket)/\(key) has not been fetched"))
        case .file(let path):
            guard let found = try find(path) else {
                let inside = workspace.sourceDirectory.pushing(path)
                throw PhaseFailure(.yamlFileError("stat \(inside): no such file or directory"))
            }
            return found
        case .defaultFile:
            for name in Self.defaultNames {
                if let found = try find(name) { return found }
            }
            throw PhaseFailure(.yamlFileError("YAML file does not exist"))
        }
    }

    /// Reads a fetched buildspec.
    /// - Throws: `Errno`.
    static func read(_ path: FilePath) throws(Errno) -> [UInt8] {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow])
            defer { try? file.close() }
            var text: [UInt8] = []
            while text.count < limit {
                let chunk = try [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                    count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if chunk.isEmpty { break }
                text += chunk
            }
            return text
        } catch {
            throw error as? Errno ?? .ioError
        }
    }

    private func find(_ path: FilePath) throws(PhaseFailure) -> Found? {
        let relative = workspace.source.pushing(path)
        let file: FileDescriptor
        do throws(SandboxError) {
            file = try files.openAsRoot(relative)
        } catch {
            return nil
        }
        defer { try? file.close() }
        var status = stat()
        guard fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw PhaseFailure(.yamlFileError("\(path) is not a regular file"))
        }
        do throws(SandboxError) {
            let text = try files.readAsRoot(relative, limit: Self.limit)
            return Found(text: text, inside: workspace.sourceDirectory.pushing(path), name: path.string)
        } catch {
            guard error.code == .outputTooLarge else {
                throw PhaseFailure(.yamlFileError("\(path) cannot be read: \(error.detail)"))
            }
            throw PhaseFailure(.yamlFileError("\(path) is larger than 1 MiB"))
        }
    }
}

/// A buildspec that is read and understood before the build has a sandbox, from where its source comes from.
///
/// What counts is what the build's own copy says: this is for a text that turns out to be the same.
struct BuildspecAhead: Sendable {
    private let work: Task<(text: [UInt8], decoded: DecodedBuildspec)?, Never>

    /// Begins.
    init(_ location: BuildspecLocation, in source: SourcePlan) {
        work = Task.detached {
            guard let text = Self.text(location, source) else { return nil }
            return (text, Buildspec.decode(text))
        }
    }

    /// What was understood of a text, if it was this one.
    func decoded(_ text: [UInt8]) async -> DecodedBuildspec? {
        guard let known = await work.value, known.text == text else { return nil }
        return known.decoded
    }

    private static func text(_ location: BuildspecLocation, _ source: SourcePlan) -> [UInt8]? {
        let names: [FilePath]
        switch location {
        case .inline(let text, _): return text
        case .object: return nil
        case .file(let path): names = [path]
        case .defaultFile: names = BuildspecReader.defaultNames
        }
        guard source.kind == .directory else { return nil }
        for path in names.map(source.path.pushing) {
            // To open anything else might wait for somebody.
            var status = stat()
            guard lstat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            if let text = try? BuildspecReader.read(path) { return text }
        }
        return nil
    }
}
