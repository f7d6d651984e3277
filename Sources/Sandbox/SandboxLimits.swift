import CLinuxCalls
import Glibc

/// Bounds on what one build may take of the machine.
package struct SandboxLimits: Sendable, Hashable {
    /// Processes and threads at a time.
    ///
    /// Held by a control group where one can be made; RLIMIT_NPROC, set as well, does not bind root.
    package var processes: Int
    /// Open files of one process; lower limits of the runner stay.
    package var openFiles: Int
    /// Bytes of memory of all processes together; only where a control group can be made.
    package var memory: Int?

    /// Bounds that no sensible build meets.
    package init(processes: Int = 16384, openFiles: Int = 1_048_576, memory: Int? = nil) {
        self.processes = processes
        self.openFiles = openFiles
        self.memory = memory
    }

    /// What holds a bound on this machine: `processes` and `memory` of whole builds.
    package static var bounded: (processes: Bool, memory: Bool) {
        (geteuid() != 0 || ControlGroup.isAvailable("pids"), ControlGroup.isAvailable("memory"))
    }

    /// Bounds the sandbox that was started as `pid`, before the first command runs in it.
    ///
    /// - Parameters:
    ///   - pid: What it was started as.
    ///   - group: Its group, when it has one already; processes that are not in it yet join it.
    /// - Returns: The group to remove when the sandbox has ended.
    func apply(to pid: pid_t, in group: ControlGroup? = nil) -> ControlGroup? {
        let processes = Self.family(of: pid)
        for process in processes {
            // No core dumps: they hold secrets, and the host's handler for them would run outside.
            _ = buildspec_lower_limit(process, Int32(RLIMIT_CORE.rawValue), 0)
            _ = buildspec_lower_limit(process, Int32(RLIMIT_NOFILE.rawValue), UInt64(max(64, openFiles)))
            _ = buildspec_lower_limit(
                process, Int32(__RLIMIT_NPROC.rawValue), UInt64(max(16, self.processes)))
        }
        group?.take(processes)
        return group ?? ControlGroup(self, for: processes)
    }

    /// A process and all below it, as the kernel lists them.
    private static func family(of pid: pid_t) -> [pid_t] {
        var family = [pid]
        var index = 0
        while index < family.count, family.count < 100 {
            let process = family[index]
            index += 1
            let children = ProcessTable.read("/proc/\(process)/task/\(process)/children", limit: 4096)
            family += String(decoding: children ?? [], as: UTF8.self).split(separator: " ").compactMap {
                pid_t($0)
            }
        }
        return family
    }
}
