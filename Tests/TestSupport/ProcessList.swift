import Glibc

/// The processes of this machine, as `/proc` shows them.
package enum ProcessList {
    /// The command lines that contain a text, this process's own aside.
    ///
    /// Ended processes have none.
    package static func commandLines(containing text: String) -> [String] {
        identifiers().compactMap { pid in
            guard pid != getpid() else { return nil }
            let line = read("/proc/\(pid)/cmdline")
            return line.contains(text) ? "\(pid) \(line)" : nil
        }
    }

    /// The file systems mounted now, as the kernel lists them, but for those of the container engine: other tests may
    /// run containers meanwhile.
    package static func mounts() -> String {
        read("/proc/self/mountinfo").split(separator: "\n")
            .filter { line in
                // What container engines of other tests mount for a moment.
                !["/containers/storage", "/netns", "/tmp/crun."].contains { line.contains($0) }
            }
            .joined(separator: "\n")
    }

    /// Waits until no command line contains a text, at most for a few seconds: the kernel ends what was killed, but not
    /// before the one who killed goes on.
    /// - Returns: what is left.
    package static func remaining(
        containing text: String, within limit: Duration = .seconds(5)
    ) async throws -> [String] {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if commandLines(containing: text).isEmpty { return [] }
            try await Task.sleep(for: .milliseconds(50))
        }
        return commandLines(containing: text)
    }

    private static func identifiers() -> [pid_t] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var found: [pid_t] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let pid = pid_t(name) { found.append(pid) }
        }
        return found
    }

    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count <= 0 { break }
            content += buffer.prefix(count)
        }
        return String(decoding: content.map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self)
    }
}
