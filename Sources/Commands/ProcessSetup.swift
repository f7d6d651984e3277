import CLinuxCalls
import Glibc

/// What this process needs before it does anything.
enum ProcessSetup {
    /// The soft limit of open files that this process was started with.
    static let openFiles: rlimit = {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return limit
    }()

    /// - A reader of our output that goes away must not end a build: writing fails instead.
    /// - Deep trees need more open files than the usual soft limit allows.
    /// - Where standard streams are closed, no other file may take their numbers, or what is printed would go there.
    /// - Nobody of the same user reads this process's memory, where credentials are, and it leaves no core dump.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        var limit = openFiles
        if limit.rlim_max > 0 {
            limit.rlim_cur = min(limit.rlim_max, 65536)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        holdStandardStreams()
        _ = buildspec_set_dumpable(0)
    }

    /// Holds the places of streams that are closed with what cannot be used either.
    private static func holdStandardStreams() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is this one.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}
