import BuildEngine
import FoundationEssentials
import Glibc
import Synchronization
import SystemPackage

/// Removes records and logs of builds that nobody is likely to ask for any more: a build host must not fill its disk.
final class BuildRetention: Sendable {
    /// Builds that ended longer ago are removed.
    static let days = 30
    /// The newest so many builds stay; older ones are removed.
    static let mostBuilds = 10_000

    private let builds: FilePath
    private let lastSweep = Mutex<time_t>(0)

    /// For the builds of a worker's state directory.
    init(state: FilePath) {
        builds = state.appending("builds")
    }

    /// Sweeps at most once an hour.
    func sweepSometimes() {
        let now = time(nil)
        let isDue = lastSweep.withLock { last in
            guard now - last >= 3600 else { return false }
            last = now
            return true
        }
        if isDue { sweep(now: now) }
    }

    /// Removes what is too old, or too much.
    func sweep(now: time_t) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: builds.string)) ?? []
        var ended: [(path: FilePath, time: time_t)] = []
        for name in names {
            let path = builds.appending(name)
            var status = stat()
            // A build that is running has a claim, and one whose runner was killed is swept before it is removed.
            guard lstat(path.appending("running").string, &status) != 0,
                lstat(path.appending("work").string, &status) != 0,
                lstat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFDIR
            else { continue }
            ended.append((path, status.st_mtim.tv_sec))
        }
        ended.sort { $0.time > $1.time }
        for (index, build) in ended.enumerated()
        where index >= Self.mostBuilds || now - build.time > Self.days * 86_400 {
            BuildFiles.removeQuietly(build.path)
        }
    }
}
