import Archiving
import Glibc
import Sandbox
import SystemPackage

/// The files of a cache, between the workspace and two archives: one of the source directory, one of everything else.
struct CacheFiles: Sendable {
    var scene: BuildScene
    var runner: CommandRunner

    /// The archives, and what their names are relative to, relative to the mirrored `/`.
    private var halves: [(archive: String, base: FilePath)] {
        [("source.zip", scene.workspace.source), ("absolute.zip", "")]
    }

    /// Packs what lies at the paths.
    /// - Returns: Whether there was anything.
    /// - Throws: ``RunnerFailure`` when it cannot be read or written.
    func pack(_ paths: [String], into staged: FilePath) throws(RunnerFailure) -> Bool {
        var hasFiles = false
        for (archive, base) in halves {
            let isAbsolute = base.isEmpty
            // A directory stands for its content: both ways of writing it are common.
            let patterns = paths.filter { $0.hasPrefix("/") == isAbsolute }
                .map { isAbsolute ? String($0.drop { $0 == "/" }) : $0 }
                .flatMap { [$0, $0.hasSuffix("/") ? $0 + "**/*" : $0 + "/**/*"] }
            guard !patterns.isEmpty else { continue }
            do {
                let selector = try FileSelector(
                    root: scene.workspace.root.hostPath, sourceDirectory: FilePath("/").pushing(base))
                let selection = try selector.select(
                    ArtifactSelectionRequest(patterns: patterns, enableSymlinks: true))
                try write(selection, to: staged.appending(archive))
                hasFiles = true
            } catch let error as ArchivingError {
                if error.code == .noMatchingFiles { continue }
                throw RunnerFailure("save the cache", error.description, hint: error.hint)
            } catch {
                throw RunnerFailure("save the cache", "\(error)")
            }
        }
        return hasFiles
    }

    private func write(_ selection: Selection, to path: FilePath) throws {
        let file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
            permissions: .ownerReadWrite)
        defer { try? file.close() }
        // Small is not what counts here: a cache is read by the next build.
        _ = try ZipWriter(options: ZipOptions(level: 1)).write(selection, to: file)
    }

    /// Unpacks the archives of an entry over the workspace.
    ///
    /// They are copied to their places inside the sandbox, where a link in the source leads nowhere else.
    /// - Throws: ``RunnerFailure`` when they cannot be unpacked.
    func restore(from entry: FilePath) async throws(RunnerFailure) {
        for (archive, base) in halves where access(entry.appending(archive).string, F_OK) == 0 {
            let staged = scene.plan.directories.staging.appending("cache-\(archive)")
            defer { BuildFiles.removeQuietly(staged) }
            let status: ExitStatus
            do {
                _ = try ArchiveUnpacker().unpack(entry.appending(archive), into: staged)
                let moved = FilePath("codebuild/output/tmp").appending("cache-\(archive)")
                try runner.session.files.adopt(staged, as: moved)
                let root = scene.workspace.root
                let from = ShellQuoting.quote(root.inside(moved).string)
                let target = ShellQuoting.quote(root.inside(base).string)
                status = try await runner.runInternally(
                    "command -p cp -a \(from)/. \(target) && command -p rm -rf \(from)")
            } catch let error as ArchivingError {
                throw RunnerFailure("restore the cache", error.description, hint: error.hint)
            } catch {
                throw RunnerFailure("restore the cache", "\(error)")
            }
            guard status.isSuccess else { throw RunnerFailure("restore the cache", "cp: \(status)") }
        }
    }
}
