import CLinuxCalls
import Glibc

/// The processes that a build started on the host, where no PID namespace holds them together.
///
/// They are found by descent, by session, by a marker in their environment and by the log that they hold open, and
/// orphans become the runner's own children (see ``adoptOrphans()``). Only a process that leaves its parent *and* its
/// session *and* clears its environment *and* closes its output gets away; against such there is the bubblewrap sandbox.
enum Descendants {
    /// The environment variable that marks a build's processes.
    static let marker = "BUILDSPEC_SANDBOX"

    /// Makes orphans of this process's descendants its own children, so that a double fork stays in sight.
    static func adoptOrphans() {
        _ = buildspec_set_child_subreaper(1)
    }

    /// Kills `leader`, its process group and all that belongs to it, until nothing is left.
    ///
    /// Rounds are needed because a process may fork while it is looked for; they are bounded because a build that
    /// forks faster than it can be killed must not hang the runner.
    ///
    /// In each round all are stopped before the first one dies, so that no shell tells of another's death, or goes on
    /// after it. The watchdog goes last: should the runner be killed meanwhile, somebody finishes this.
    static func killAll(leader: pid_t, mark: String) {
        var known: Set<pid_t> = [leader]
        let log = ProcessTable.openFile(3, of: leader)
        for _ in 0..<200 {
            let table = ProcessTable()
            known.formUnion(table.descendants(of: known))
            known.formUnion(adopted(by: getpid(), leader, mark, log, table))
            let living = known.filter { table.isAlive($0) }
            guard !living.isEmpty else { break }
            let watchdogs = living.filter { isWatchdog($0, mark) }
            let others = living.subtracting(watchdogs).subtracting(table.descendants(of: watchdogs))
            // A parent has the lower number, mostly; a shell with job control would tell of a child that was stopped.
            let victims = (others.isEmpty ? living : others).sorted()
            for signal in [SIGSTOP, SIGKILL] {
                kill(-leader, signal)
                for process in victims { kill(process, signal) }
            }
        }
        // Adopted ones have no other parent that would wait for them. The leader is waited for by its starter.
        for process in known where process != leader { waitpid(process, nil, WNOHANG) }
    }

    /// Whether the process is ``SandboxDriver/watchdog`` by its arguments; one that only says so dies with it.
    private static func isWatchdog(_ process: pid_t, _ mark: String) -> Bool {
        guard let line = ProcessTable.read("/proc/\(process)/cmdline", limit: 1 << 14) else { return false }
        let words = ["watchdog", "\(getpid())", mark]
        return line.split(separator: 0).suffix(3).elementsEqual(words) { $0.elementsEqual($1.utf8) }
    }

    private static func adopted(
        by runner: pid_t, _ leader: pid_t, _ mark: String, _ log: String?, _ table: ProcessTable
    ) -> [pid_t] {
        table.children(of: runner).filter { child in
            guard child != leader else { return false }
            return table.session(of: child) == leader || carries(mark, child) || holds(log, child)
        }
    }

    /// Whether the process was started with the build's marker in its environment.
    private static func carries(_ mark: String, _ process: pid_t) -> Bool {
        guard let environment = ProcessTable.read("/proc/\(process)/environ", limit: 1 << 20) else {
            return false
        }
        let wanted = Array("\(marker)=\(mark)".utf8)
        return environment.split(separator: 0).contains { $0.elementsEqual(wanted) }
    }

    /// Whether the process writes to the sandbox's log, or an error of the process would go there.
    private static func holds(_ log: String?, _ process: pid_t) -> Bool {
        guard let log else { return false }
        return (1...3).contains { ProcessTable.openFile($0, of: process) == log }
    }
}
