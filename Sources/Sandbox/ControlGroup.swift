import Glibc

/// A control group of one sandbox: it bounds processes and memory of the whole build, also where the runner is root.
///
/// Made below the runner's own group where that is allowed, which is: for root, and for users to whom a group was
/// delegated. Removed when its sandbox has ended; those of killed runners are removed by the next.
struct ControlGroup: Sendable {
    private static let prefix = "buildspec-"
    /// One directory for version 2, one a controller for version 1.
    private let directories: [String]

    /// Makes a group with these bounds and puts processes into it; nil where no bound can be set.
    init?(_ limits: SandboxLimits, for processes: [pid_t]) {
        guard let first = processes.first else { return nil }
        let name = "\(Self.prefix)\(getpid())-\(first)"
        var made: [String] = []
        var bounds = [("pids", ["pids.max"], limits.processes)]
        if let memory = limits.memory {
            bounds.append(("memory", ["memory.max", "memory.limit_in_bytes"], memory))
        }
        for (controller, files, value) in bounds {
            for parent in Self.parents(of: controller) {
                Self.sweep(parent)
                let directory = parent + "/" + name
                guard mkdir(directory, 0o755) == 0 || errno == EEXIST else { continue }
                if files.contains(where: { Self.write("\(value)", to: directory + "/" + $0) }),
                    processes.allSatisfy({
                        Self.write("\($0)", to: directory + "/cgroup.procs") || errno == ESRCH
                    })
                {
                    made.append(directory)
                    break
                }
                rmdir(directory)
            }
        }
        guard !made.isEmpty else { return nil }
        directories = made
    }

    /// Lets the kernel do its waiting beforehand.
    ///
    /// The first process that changes its group makes the kernel wait for ten milliseconds, until no processor can be
    /// amid a fork; those that follow soon do not wait again. So this process goes to where it is.
    static func waitAhead() {
        for group in ownGroups(of: "pids") where access(group.path, F_OK) == 0 {
            _ = write("\(getpid())", to: group.path + "/cgroup.procs")
            return
        }
    }

    /// Puts those of these processes into the group that are not in it.
    ///
    /// Only those: each time, the kernel may take milliseconds.
    func take(_ processes: [pid_t]) {
        for directory in directories {
            let list = directory + "/cgroup.procs"
            let members = Set(
                String(decoding: ProcessTable.read(list, limit: 1 << 20) ?? [], as: UTF8.self)
                    .split(separator: "\n").compactMap { pid_t($0) })
            for process in processes where !members.contains(process) {
                _ = Self.write("\(process)", to: list)
            }
        }
    }

    /// Whether a group with a bound on a controller can be made here; `pids` or `memory`.
    static func isAvailable(_ controller: String) -> Bool {
        parents(of: controller).contains { parent in
            let directory = parent + "/\(prefix)\(getpid())-probe"
            guard mkdir(directory, 0o755) == 0 else { return false }
            defer { rmdir(directory) }
            return ["\(controller).max", "\(controller).limit_in_bytes"].contains {
                access(directory + "/" + $0, W_OK) == 0
            }
        }
    }

    /// Which bound has kept something from the build so far, if one has.
    func limitReached(_ limits: SandboxLimits) -> SandboxError? {
        if count("max", in: ["pids.events"]) > 0 {
            return SandboxError(
                code: .limitReached, detail: "\(limits.processes) processes and threads at a time", path: nil,
                hint:
                    "look for commands that start others without end, or run fewer at a time, such as with make -j 4"
            )
        }
        if let memory = limits.memory, count("oom_kill", in: ["memory.events", "memory.oom_control"]) > 0 {
            return SandboxError(
                code: .limitReached, detail: "\(memory >> 20) MiB of memory", path: nil,
                hint: "use less memory, or a larger compute type")
        }
        return nil
    }

    /// What the kernel counted under a name, in the first of these files that there is.
    private func count(_ name: String, in files: [String]) -> Int {
        for directory in directories {
            for file in files {
                guard let text = ProcessTable.read(directory + "/" + file, limit: 4096) else { continue }
                for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
                    let words = line.split(separator: " ")
                    if words.count == 2, words[0] == name, let count = Int(words[1]), count > 0 {
                        return count
                    }
                }
            }
        }
        return 0
    }

    /// Removes the group, whose processes are gone or about to be.
    func remove() {
        for directory in directories {
            for _ in 0..<5000 {
                if rmdir(directory) == 0 || errno != EBUSY { break }
                usleep(100)
            }
        }
    }

    /// Where groups with this controller may be made.
    private static func parents(of controller: String) -> [String] {
        ownGroups(of: controller).flatMap { own, isUnified in
            guard isUnified else { return [own] }
            // A group with processes in it, such as ours, can have no such children; its parent may.
            return [own, String(own.prefix(upTo: own.lastIndex(of: "/") ?? own.endIndex))]
                .filter { $0.hasPrefix("/sys/fs/cgroup") && enables(controller, in: $0) }
        }
    }

    /// The runner's own group in the hierarchies that may have the controller, and whether that is the one of version 2.
    private static func ownGroups(of controller: String) -> [(path: String, isUnified: Bool)] {
        guard let table = ProcessTable.read("/proc/self/cgroup", limit: 1 << 16) else { return [] }
        var groups: [(path: String, isUnified: Bool)] = []
        for line in String(decoding: table, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(
                String.init)
            guard fields.count == 3, !fields[2].contains("..") else { continue }
            let path = fields[2] == "/" ? "" : fields[2]
            if fields[1].split(separator: ",").contains(controller[...]) {
                groups.append(("/sys/fs/cgroup/\(controller)" + path, false))
            } else if fields[0] == "0" {
                groups.append(("/sys/fs/cgroup" + path, true))
            }
        }
        return groups
    }

    private static func enables(_ controller: String, in group: String) -> Bool {
        guard let text = ProcessTable.read(group + "/cgroup.subtree_control", limit: 4096) else {
            return false
        }
        return String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace).contains(
            controller[...])
    }

    /// Removes empty groups of runners that are gone.
    private static func sweep(_ parent: String) {
        for name in OverlayLayers.names(in: parent) ?? [] where name.hasPrefix(prefix) {
            let runner = name.dropFirst(prefix.count).split(separator: "-").first.flatMap { pid_t($0) }
            if let runner, kill(runner, 0) != 0, errno == ESRCH { rmdir(parent + "/" + name) }
        }
    }

    private static func write(_ text: String, to path: String) -> Bool {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        let bytes = Array(text.utf8)
        return Glibc.write(file, bytes, bytes.count) == bytes.count
    }
}
