import CLinuxCalls
import Glibc
import Sandbox
package import SystemPackage

/// Makes and removes what a build needs on disk.
package enum BuildFiles {
    /// Creates a build's temporary directories, private to the user, and locks them.
    ///
    /// - Parameters:
    ///   - directories: Where the build's files go.
    ///   - root: The mirror of `/` as the build sees it.
    ///   - lock: Set to the lock's descriptor, to be closed at the end of the build, also after an error.
    /// - Throws: ``RunnerFailure`` when one cannot be made.
    static func createWork(
        _ directories: BuildDirectories, root: BuildRoot, lock: inout FileDescriptor?
    ) throws(RunnerFailure) {
        try makeDirectories(directories.work)
        chmod(directories.work.string, 0o700)
        lock = try WorkLock.take(directories)
        try makeDirectories(directories.root)
        try makeDirectories(directories.staging)
        chmod(directories.staging.string, 0o700)
        do throws(SandboxError) {
            try root.create()
        } catch {
            throw RunnerFailure("prepare the build's directories", error.description, hint: error.hint)
        }
        try HelperCommands.install(in: root)
    }

    /// Makes a build's own directory, apart from those of other builds: their files come and go by themselves.
    /// - Throws: ``RunnerFailure`` when it cannot be made.
    static func makeOwnDirectory(_ directories: BuildDirectories) throws(RunnerFailure) {
        let builds = directories.build.removingLastComponent()
        try makeDirectories(builds)
        let directory = open(builds.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if directory >= 0 {
            buildspec_spread_subdirectories(directory)
            close(directory)
        }
        try makeDirectories(directories.build)
    }

    /// Makes a directory and its parents.
    /// - Throws: ``RunnerFailure`` when one cannot be made.
    package static func makeDirectories(_ path: FilePath) throws(RunnerFailure) {
        var status = stat()
        if stat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
        let parent = path.removingLastComponent()
        if !parent.isEmpty, parent != path { try makeDirectories(parent) }
        guard mkdir(path.string, 0o755) == 0 || errno == EEXIST else {
            throw RunnerFailure("make the directory \(path)", Errno(rawValue: errno), at: parent)
        }
    }

    /// Removes a build's temporary directories, whatever modes and depths the build gave to its own.
    /// - Returns: Why something is left, if it is.
    static func removeWork(_ directories: BuildDirectories) -> RunnerFailure? {
        let large = [directories.overlay, directories.root]
        removeContents(of: large)
        TreeRemoval.removeTogether(large + [directories.staging])
        do throws(RunnerFailure) {
            try TreeRemoval.remove(directories.work)
            return nil
        } catch {
            return error
        }
    }

    /// Removes what large directories of the runner's own hold; what cannot be removed stays.
    static func removeContents(of large: [FilePath]) {
        let parts = large.flatMap(TreeRemoval.entries)
        for trees in [parts.flatMap(TreeRemoval.entries), parts] { TreeRemoval.removeTogether(trees) }
    }

    /// Lets git ignore the `.buildspec` directory.
    /// - Throws: ``RunnerFailure`` when it cannot be written.
    package static func ignoreItself(_ base: FilePath) throws(RunnerFailure) {
        let file = base.appending(".gitignore")
        if access(file.string, F_OK) != 0 { try AtomicFile.write(Array("*\n".utf8), to: file) }
    }

    /// Removes what builds left whose runner was killed; those of living runners hold a lock.
    package static func sweep(_ base: FilePath) async {
        let builds = base.appending("builds")
        let directory = open(builds.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0 else { return }
        defer { close(directory) }
        for name in (try? DirectoryNames.read(directory, builds.string)) ?? []
        where mayBeUnfinished(name, in: directory) {
            let uuid = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let dead = BuildDirectories(base: base, uuid: uuid)
            let claim = BuildClaim.takeOver(dead)
            guard claim != nil || WorkLock.isAbandoned(dead) else { continue }
            BuildRecord.markAbandoned(at: dead.record)
            await LentFiles.remove(dead.overlay)
            await LentFiles.remove(dead.root)
            try? TreeRemoval.remove(dead.work)
            PartialFiles.sweep(dead.build)
            // One that was killed before it had a record has not begun, and said nothing.
            var log = stat()
            if access(dead.record.string, F_OK) != 0, lstat(dead.log.string, &log) == 0, log.st_size == 0 {
                unlink(dead.log.string)
            }
            claim?.release()
            rmdir(dead.build.string)
        }
        PartialFiles.sweep(base)
        PartialFiles.sweep(base.appending("artifacts"))
    }

    /// Whether a build has one of the locks of ``BuildClaim`` and ``WorkLock``: of thousands that are over, none has.
    private static func mayBeUnfinished(_ build: [CChar], in builds: Int32) -> Bool {
        ["/running", "/work/lock"].contains { lock in
            faccessat(builds, build.dropLast() + lock.utf8CString, F_OK, AT_SYMLINK_NOFOLLOW) == 0
        }
    }

    /// Gives a kept workspace its lasting place.
    /// - Returns: The directory that was the build's `/`.
    /// - Throws: ``RunnerFailure`` when it cannot be moved.
    static func keepWorkspace(_ directories: BuildDirectories) throws(RunnerFailure) -> FilePath {
        let kept = directories.build.appending("workspace")
        guard rename(directories.root.string, kept.string) == 0 else {
            throw RunnerFailure("keep the workspace \(kept)", Errno(rawValue: errno).description)
        }
        return kept
    }

    /// Removes a directory of the runner's own with all its content; what cannot be removed stays.
    package static func removeQuietly(_ directory: FilePath) {
        try? TreeRemoval.remove(directory)
    }
}
