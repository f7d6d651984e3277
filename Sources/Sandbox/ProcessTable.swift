import Glibc

/// A snapshot of `/proc`: who is whose child, and in which session.
struct ProcessTable: Sendable {
    private struct Entry {
        var parent: pid_t
        var session: pid_t
        var isZombie: Bool
    }

    private var entries: [pid_t: Entry] = [:]

    /// Reads the table as it is now.
    ///
    /// Processes that end meanwhile are left out.
    init() {
        guard let directory = opendir("/proc") else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let pid = pid_t(name), let stat = Self.read("/proc/\(pid)/stat", limit: 4096) else {
                continue
            }
            entries[pid] = Self.parse(stat)
        }
    }

    /// The direct children of a process.
    func children(of parent: pid_t) -> [pid_t] {
        entries.filter { $0.value.parent == parent }.map(\.key)
    }

    /// The direct children of one process, asked of the kernel alone where it can tell.
    static func children(of parent: pid_t) -> [pid_t] {
        guard let list = read("/proc/\(parent)/task/\(parent)/children", limit: 1 << 16) else {
            return ProcessTable().children(of: parent)
        }
        return list.split(separator: UInt8(ascii: " ")).compactMap {
            pid_t(String(decoding: $0, as: UTF8.self))
        }
    }

    /// All processes below these, without these.
    func descendants(of roots: Set<pid_t>) -> Set<pid_t> {
        var found: Set<pid_t> = []
        var frontier = Array(roots)
        while let parent = frontier.popLast() {
            for child in children(of: parent) where found.insert(child).inserted {
                frontier.append(child)
            }
        }
        return found.subtracting(roots)
    }

    /// The parent, when the process is there.
    func parent(of process: pid_t) -> pid_t? { entries[process]?.parent }

    /// The session, when the process is there.
    func session(of process: pid_t) -> pid_t? { entries[process]?.session }

    /// Whether the process is there and is more than an unread exit status.
    func isAlive(_ process: pid_t) -> Bool {
        entries[process].map { !$0.isZombie } ?? false
    }

    /// Whether a process is there now and is more than an unread exit status.
    static func isRunning(_ process: pid_t) -> Bool {
        guard let stat = read("/proc/\(process)/stat", limit: 4096), let entry = parse(stat) else {
            return false
        }
        return !entry.isZombie
    }

    /// `pid (name) state ppid pgrp session ...`; the name may hold anything, so fields count from its last bracket.
    private static func parse(_ stat: [UInt8]) -> Entry? {
        guard let bracket = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = stat[(bracket + 1)...].split(separator: UInt8(ascii: " "))
            .prefix(4).map { String(decoding: $0, as: UTF8.self) }
        guard fields.count == 4, let parent = pid_t(fields[1]), let session = pid_t(fields[3]) else {
            return nil
        }
        return Entry(parent: parent, session: session, isZombie: fields[0] == "Z" || fields[0] == "X")
    }

    /// The first `limit` bytes of a file of `/proc`, or nil when the process is gone or somebody else's.
    static func read(_ path: String, limit: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var content: [UInt8] = []
        while content.count < limit {
            let chunk = [UInt8](unsafeUninitializedCapacity: min(65536, limit - content.count)) {
                buffer, count in
                count = max(0, Glibc.read(file, buffer.baseAddress, buffer.count))
            }
            guard !chunk.isEmpty else { break }
            content += chunk
        }
        return content
    }

    /// What a descriptor of a process is open on, such as `pipe:[4711]`; nil when it is not open or somebody else's.
    static func openFile(_ descriptor: Int32, of process: pid_t) -> String? {
        let target = [UInt8](unsafeUninitializedCapacity: 256) { buffer, count in
            count = buffer.withMemoryRebound(to: CChar.self) { bytes in
                bytes.baseAddress.map {
                    max(0, readlink("/proc/\(process)/fd/\(descriptor)", $0, bytes.count))
                } ?? 0
            }
        }
        return target.isEmpty ? nil : String(decoding: target, as: UTF8.self)
    }
}
