import Archiving
import Glibc
import Sandbox
import SystemPackage

/// The files of a cache, between the workspace and its archives: one of the source directory, one of everything else, and
/// one of directories that only the build sees, such as those of a container's image.
struct CacheFiles: Sendable {
    var scene: BuildScene
    var runner: CommandRunner

    /// Which of the paths an archive holds.
    private enum Part: String, CaseIterable {
        case source
        case absolute
        case image

        var archive: String { "\(rawValue).zip" }
    }

    /// What the names in an archive are relative to, relative to the mirrored `/`.
    private func base(of part: Part) -> FilePath { part == .source ? scene.workspace.source : "" }

    private var outside: OutsideFiles { OutsideFiles(scene: scene, runner: runner) }

    /// Only `/codebuild` is on this machine while a container runs.
    private func part(of path: String) -> Part {
        guard path.hasPrefix("/") else { return .source }
        guard scene.plan.sandbox.kind == .container else {
            return outside.isWritable && outside.holds(path) ? .image : .absolute
        }
        return path.hasPrefix("/codebuild/") ? .absolute : .image
    }

    /// Packs what lies at the paths.
    /// - Returns: Whether there was anything.
    /// - Throws: ``RunnerFailure`` when it cannot be read or written.
    func pack(_ paths: [String], into staged: FilePath) async throws(RunnerFailure) -> Bool {
        var hasFiles = false
        for part in Part.allCases {
            let patterns = patterns(paths, of: part)
            guard !patterns.isEmpty else { continue }
            let copies = part == .image ? try await copiesOfImage(patterns) : nil
            if try pack(patterns, copies ?? base(of: part), to: staged.appending(part.archive)) {
                hasFiles = true
            }
            if let copies { _ = try? await runner.runInternally("command -p rm -rf \(quoted(copies))") }
        }
        return hasFiles
    }

    /// The patterns of what an archive holds.
    private func patterns(_ paths: [String], of part: Part) -> [String] {
        var patterns: [String] = []
        for path in paths {
            // `~` is the home directory, as shells have it.
            let isHome = path == "~" || path.hasPrefix("~/")
            let path = isHome ? "/root" + path.dropFirst() : path
            guard self.part(of: path) == part else { continue }
            let pattern = part == .source ? path : String(path.drop { $0 == "/" })
            // A directory stands for its content: both ways of writing it are common.
            patterns += [pattern, pattern + (pattern.hasSuffix("/") ? "**/*" : "/**/*")]
        }
        return patterns
    }

    private func pack(
        _ patterns: [String], _ base: FilePath, to archive: FilePath
    ) throws(RunnerFailure) -> Bool {
        do {
            let selector = try FileSelector(
                root: scene.workspace.root.hostPath, sourceDirectory: FilePath("/").pushing(base))
            let selection = try selector.select(
                ArtifactSelectionRequest(patterns: patterns, enableSymlinks: true))
            try write(selection, to: archive)
            return true
        } catch let error as ArchivingError {
            if error.code == .noMatchingFiles { return false }
            throw RunnerFailure("save the cache", error.description, hint: error.hint)
        } catch {
            throw RunnerFailure("save the cache", "\(error)")
        }
    }

    /// Copies the directories in which the patterns begin to where they can be read from outside of the build.
    /// - Returns: Where the copies are, relative to the mirrored `/`; the build may have its hands on them.
    private func copiesOfImage(_ patterns: [String]) async throws(RunnerFailure) -> FilePath {
        let copies = try await outside.copy(patterns.map { "/" + $0 }, to: Self.saving)
        try await outside.run("command -p chmod -R u+rwX \(quoted(copies))", Self.saving)
        return copies
    }

    private static let saving = "save the cache"

    private func quoted(_ path: FilePath) -> String {
        ShellQuoting.quote(scene.workspace.root.inside(path).string)
    }

    private func write(_ selection: Selection, to path: FilePath) throws {
        let file = try FileDescriptor.open(
            path, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
            permissions: .ownerReadWrite)
        defer { try? file.close() }
        // Small is not what counts here: a cache is read by the next build.
        _ = try ZipWriter(options: ZipOptions(level: 1)).write(selection, to: file)
    }

    /// Unpacks the archives of an entry over the workspace.
    ///
    /// They are copied to their places inside the sandbox, where a link in the source leads nowhere else.
    /// - Parameters:
    ///   - entry: Where the archives are.
    ///   - allowed: Paths outside of which nothing is restored, whoever made the archives; nil trusts them.
    /// - Throws: ``RunnerFailure`` when they cannot be unpacked.
    func restore(from entry: FilePath, within allowed: [String]?) async throws(RunnerFailure) {
        for part in Part.allCases where access(entry.appending(part.archive).string, F_OK) == 0 {
            // Where the system is read-only nothing can be restored to it.
            guard part != .image || outside.isWritable else { continue }
            let (archive, base) = (part.archive, base(of: part))
            let staged = scene.plan.directories.staging.appending("cache-\(archive)")
            defer { BuildFiles.removeQuietly(staged) }
            let status: ExitStatus
            do {
                _ = try ArchiveUnpacker().unpack(entry.appending(archive), into: staged)
                if let allowed { try await keep(patterns(allowed, of: part), in: staged) }
                let moved = FilePath("codebuild/output/tmp").appending("cache-\(archive)")
                try runner.session.files.adopt(staged, as: moved)
                let root = scene.workspace.root
                let from = ShellQuoting.quote(root.inside(moved).string)
                let target = ShellQuoting.quote(root.inside(base).string)
                status = try await runner.runInternally(
                    Self.keepingDirectories(of: target, in: from)
                        + "command -p cp -a \(from)/. \(target) && command -p rm -rf \(from)")
            } catch let error as ArchivingError {
                throw RunnerFailure("restore the cache", error.description, hint: error.hint)
            } catch {
                throw RunnerFailure("restore the cache", "\(error)")
            }
            guard status.isSuccess else { throw RunnerFailure("restore the cache", "cp: \(status)") }
        }
    }

    /// Commands that give directories of a copy the modes and owners of those that are there already: `cp -a` would
    /// make a `/tmp` for everybody one for root.
    private static func keepingDirectories(of target: String, in copy: String) -> String {
        let loop =
            "for d do if [ -d \"$0/$d\" ] && s=$(command -p stat -c \"%u:%g %a\" \"$0/$d\"); "
            + "then command -p chown \"${s% *}\" \"$d\"; command -p chmod \"${s#* }\" \"$d\"; fi; done"
        return
            "(cd \(copy) && command -p find . -type d -exec sh -c '\(loop)' \(target) {} +) >/dev/null 2>&1; "
    }

    /// Removes what lies elsewhere than at the patterns from an unpacked archive.
    private func keep(_ patterns: [String], in staged: FilePath) async throws {
        let selector = try FileSelector(root: staged, sourceDirectory: "/")
        func files(_ patterns: [String]) throws(ArchivingError) -> [SelectedFile] {
            do throws(ArchivingError) {
                return try selector.select(
                    ArtifactSelectionRequest(patterns: patterns, enableSymlinks: true, keepsEveryLink: true)
                ).files
            } catch {
                if error.code == .noMatchingFiles { return [] }
                throw error
            }
        }
        let wanted = Set(try files(patterns).map(\.name))
        var told = 0
        for file in try files(["**/*"]) where !wanted.contains(file.name) {
            // Names on Linux need not be text.
            let path = Array(staged.string.utf8) + [UInt8(ascii: "/")] + file.name.bytes
            guard unlink(path.map { CChar(bitPattern: $0) } + [0]) == 0 else {
                throw RunnerFailure("restore the cache", Errno(rawValue: errno).description)
            }
            told += 1
            guard told <= 10 else { continue }
            await scene.log.agent(
                "Skipping cache entry: path \"\(file.name)\" is not within allowed cache paths")
        }
    }
}
