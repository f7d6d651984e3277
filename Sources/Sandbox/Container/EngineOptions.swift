import Glibc

/// Options that an engine needs on one kind of machine and refuses on another.
package struct EngineOptions: Sendable, Hashable {
    /// podman's `--runtime`.
    package var runtime: String?
    /// podman's `--cgroup-manager`.
    package var cgroupManager: String?
    /// Explicit limits for open files and processes: where the engine's own ones are above what it may set.
    package var limits: [String] = []
    /// podman's `--cgroups=disabled`: no limits on memory and processors then.
    package var isWithoutCgroups = false

    /// Before `run`.
    package var global: [String] {
        (runtime.map { ["--runtime", $0] } ?? []) + (cgroupManager.map { ["--cgroup-manager", $0] } ?? [])
    }

    /// After `run`.
    package var run: [String] {
        limits.flatMap { ["--ulimit", $0] } + (isWithoutCgroups ? ["--cgroups=disabled"] : [])
    }

    /// What to try, in this order: the plain engine first; runc and explicit limits help on hosts with both versions of
    /// cgroups, and no cgroups at all inside other containers.
    static func candidates(_ engine: ContainerEngine.Name) -> [EngineOptions] {
        let limits = ownLimits
        let plain = EngineOptions()
        let limited = EngineOptions(limits: limits)
        guard engine == .podman else { return [plain, limited] }
        return [
            plain, limited, EngineOptions(runtime: "runc", limits: limits),
            EngineOptions(runtime: "runc", cgroupManager: "cgroupfs", limits: limits),
            EngineOptions(
                runtime: "crun", cgroupManager: "cgroupfs", limits: limits, isWithoutCgroups: true),
        ]
    }

    /// The hard limits of this process, which it may hand on; podman has been seen to lower its own for processes.
    private static var ownLimits: [String] {
        [("nofile", RLIMIT_NOFILE, 1_048_576), ("nproc", __RLIMIT_NPROC, 32_768)].map { name, kind, most in
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(kind.rawValue), &limit)
            let value = min(limit.rlim_max, rlim_t(most))
            return "\(name)=\(value):\(value)"
        }
    }
}
