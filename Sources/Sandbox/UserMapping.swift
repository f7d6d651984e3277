import Glibc
import Subprocess
import SystemPackage

/// The user and group ids of a sandbox's user namespace, written by the runner from outside.
///
/// root: all ids as they are, so that packages can give files to their users. Ordinary users: root inside is the user,
/// and the other ids are those that `/etc/subuid` and `/etc/subgid` lend the user; without them there is root only.
enum UserMapping {
    /// Gives the user namespace of a process its ids.
    /// - Throws: ``OverlayRefusal`` when that is not allowed.
    static func write(for process: pid_t) async throws(OverlayRefusal) {
        if geteuid() == 0 { return try writeOwn(for: process) }
        if let users = lentIDs("/etc/subuid"), let groups = lentIDs("/etc/subgid") {
            guard await run("newuidmap", process, getuid(), users),
                await run("newgidmap", process, getgid(), groups)
            else {
                throw OverlayRefusal(
                    reason: "newuidmap and newgidmap do not work", mend: "install the package `uidmap`")
            }
            return
        }
        try write("0 \(getuid()) 1\n", to: "/proc/\(process)/uid_map")
        try write("deny", to: "/proc/\(process)/setgroups")
        try write("0 \(getgid()) 1\n", to: "/proc/\(process)/gid_map")
    }

    /// Gives the user namespace of a process all ids of root's.
    /// - Throws: ``OverlayRefusal`` when that is not allowed.
    static func writeOwn(for process: pid_t) throws(OverlayRefusal) {
        try write(ownIDs("/proc/self/uid_map"), to: "/proc/\(process)/uid_map")
        try write(ownIDs("/proc/self/gid_map"), to: "/proc/\(process)/gid_map")
    }

    /// Whether this user's sandboxes know more users than root.
    static var hasManyUsers: Bool {
        geteuid() == 0
            || (lentIDs("/etc/subuid") != nil && lentIDs("/etc/subgid") != nil
                && SandboxLaunch.find("newuidmap") != nil)
    }

    /// Every id that there is in the runner's own namespace, unchanged.
    private static func ownIDs(_ table: String) -> String {
        String(decoding: ProcessTable.read(table, limit: 1 << 16) ?? [], as: UTF8.self)
            .split(separator: "\n").map { line in
                let fields = line.split(separator: " ")
                return fields.count == 3 ? "\(fields[0]) \(fields[0]) \(fields[2])\n" : ""
            }.joined()
    }

    private static func write(_ text: String, to path: String) throws(OverlayRefusal) {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        defer { if file >= 0 { close(file) } }
        let bytes = Array(text.utf8)
        guard file >= 0, Glibc.write(file, bytes, bytes.count) == bytes.count else {
            throw OverlayRefusal(
                reason: "user ids cannot be mapped: \(Errno(rawValue: errno).description)",
                mend: "allow user namespaces to this user")
        }
    }

    /// The first range of `/etc/subuid` or `/etc/subgid` that is this user's: `name-or-uid:first:count`.
    private static func lentIDs(_ file: String) -> (first: UInt32, count: UInt32)? {
        guard let content = ProcessTable.read(file, limit: 1 << 20) else { return nil }
        let name = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) }
        for line in String(decoding: content, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: ":")
            guard fields.count == 3, String(fields[0]) == name || UInt32(fields[0]) == getuid(),
                let first = UInt32(fields[1]), let count = UInt32(fields[2]), count > 0
            else { continue }
            return (first, count)
        }
        return nil
    }

    private static func run(
        _ tool: String, _ process: pid_t, _ own: UInt32, _ lent: (first: UInt32, count: UInt32)
    ) async -> Bool {
        guard let executable = SandboxLaunch.find(tool) else { return false }
        let words = [
            process.description, "0", own.description, "1", "1", lent.first.description,
            lent.count.description,
        ]
        let result = try? await Subprocess.run(
            .path(executable), arguments: Arguments(words), environment: .custom([:]), input: .none,
            output: .discarded, error: .discarded)
        return result?.terminationStatus.isSuccess == true
    }
}

/// The users that a build can give files to.
package enum SandboxUsers {
    /// Whether there are more of them than root.
    package static var areMany: Bool { UserMapping.hasManyUsers }
}
