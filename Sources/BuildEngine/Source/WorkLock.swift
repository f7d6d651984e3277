import Glibc
import SystemPackage

/// A lock on a build's temporary directory, held as long as its runner lives: the kernel lets go of it even when the
/// runner is killed.
enum WorkLock {
    private static func file(_ directories: BuildDirectories) -> String {
        directories.work.appending("lock").string
    }

    /// Takes the lock, which lasts until the descriptor is closed or the process ends.
    ///
    /// - Returns: The descriptor, to be closed by whoever took the lock.
    /// - Throws: ``RunnerFailure`` when the file cannot be made.
    static func take(_ directories: BuildDirectories) throws(RunnerFailure) -> FileDescriptor {
        // It appears under its name only when it is held: a free lock would be taken for that of a killed runner.
        let unheld = file(directories) + ".\(getpid())"
        let lock = open(unheld, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0, rename(unheld, file(directories)) == 0 else {
            let error = Errno(rawValue: errno)
            if lock >= 0 { close(lock) }
            throw RunnerFailure("lock \(directories.work)", error.description)
        }
        return FileDescriptor(rawValue: lock)
    }

    /// Whether nobody runs this build: its lock is free, or gone with all that was temporary.
    static func isDead(_ directories: BuildDirectories) -> Bool {
        access(file(directories), F_OK) != 0 || isAbandoned(directories)
    }

    /// Whether there is a temporary directory that nobody holds the lock of.
    static func isAbandoned(_ directories: BuildDirectories) -> Bool {
        let lock = open(file(directories), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard lock >= 0 else { return false }
        defer { close(lock) }
        return flock(lock, LOCK_EX | LOCK_NB) == 0
    }
}
