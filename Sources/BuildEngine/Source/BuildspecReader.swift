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
            for name in ["buildspec.yml", "buildspec.yaml"] as [FilePath] {
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
