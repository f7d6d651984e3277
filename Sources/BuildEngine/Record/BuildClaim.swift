import Glibc
import SystemPackage

/// The file `running` in a build's directory: there, and locked, from before the record is begun until it is written.
///
/// A file that nobody holds the lock of tells the next runner that this one was killed, at whatever moment. Its content
/// is room on the disk which the last record takes, so that a build that fills the disk still has one.
package struct BuildClaim: Sendable, Hashable {
    private let file: FileDescriptor
    private let path: FilePath
    /// Bytes: more than a record with its messages takes.
    private static let room: off_t = 256 << 10

    private static func path(_ directories: BuildDirectories) -> FilePath {
        directories.build.appending("running")
    }

    /// Makes a build's directory, and claims it for this process.
    /// - Throws: ``RunnerFailure`` when it cannot be written, or the disk has no room for a record.
    package static func take(_ directories: BuildDirectories) throws(RunnerFailure) -> BuildClaim {
        let path = path(directories)
        while true {
            try BuildFiles.makeOwnDirectory(directories)
            let file = open(path.string, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
            if file < 0, errno == ENOENT { continue }
            guard file >= 0 else { throw RunnerFailure("write \(path)", Errno(rawValue: errno), at: path) }
            flock(file, LOCK_EX)
            var status = stat()
            // Another runner may have taken the file for a dead one's before it was locked.
            guard fstat(file, &status) == 0, status.st_nlink > 0 else {
                close(file)
                continue
            }
            let claim = BuildClaim(file: FileDescriptor(rawValue: file), path: path)
            let error = Errno(rawValue: posix_fallocate(file, 0, room))
            guard error != .noSpace else {
                claim.release()
                rmdir(directories.build.string)
                throw RunnerFailure("reserve room for the build's record", error, at: directories.build)
            }
            return claim
        }
    }

    /// The claim of a runner that was killed; nil when there is none, or its runner lives.
    static func takeOver(_ directories: BuildDirectories) -> BuildClaim? {
        let path = path(directories)
        let file = open(path.string, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            return nil
        }
        let claim = BuildClaim(file: FileDescriptor(rawValue: file), path: path)
        claim.giveRoom()
        return claim
    }

    /// Gives the reserved room back, for the record that is about to be written.
    package func giveRoom() {
        ftruncate(file.rawValue, 0)
    }

    /// Removes the file: the build is over, and its record says so.
    package func release() {
        unlink(path.string)
        close(file.rawValue)
    }
}
