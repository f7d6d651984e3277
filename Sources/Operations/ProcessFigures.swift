import Glibc
import SystemPackage

/// What the kernel knows of this process, under the names that Prometheus's own libraries use.
struct ProcessFigures {
    /// Seconds since 1970.
    var startTime: Double?
    /// Seconds of processor time.
    var processorTime: Double?
    /// Bytes.
    var residentMemory: Double?
    /// How many descriptors are open.
    var openFiles: Double?

    /// The figures of this moment; what cannot be read is left out.
    static func read() -> ProcessFigures {
        var figures = ProcessFigures()
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        // Behind the name, which may hold anything, the third field comes first.
        if let stat = text("/proc/self/stat"), let end = stat.lastIndex(of: ")") {
            let fields = stat[end...].split(separator: " ").dropFirst().map(String.init)
            if fields.count > 19, let user = Double(fields[11]), let system = Double(fields[12]),
                let start = Double(fields[19])
            {
                figures.processorTime = (user + system) / ticks
                figures.startTime = bootTime.map { $0 + start / ticks }
            }
        }
        if let pages = text("/proc/self/statm")?.split(separator: " ").dropFirst().first.flatMap({
            Double($0)
        }) {
            figures.residentMemory = pages * Double(sysconf(Int32(_SC_PAGESIZE)))
        }
        figures.openFiles = entries("/proc/self/fd")
        return figures
    }

    private static let bootTime: Double? = text("/proc/stat")?.split(separator: "\n")
        .first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }

    private static func text(_ path: String) -> String? {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else { return nil }
        defer { try? file.close() }
        var bytes: [UInt8] = []
        while bytes.count < 1 << 20 {
            let chunk = [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, count in
                count = (try? file.read(into: UnsafeMutableRawBufferPointer(buffer))) ?? 0
            }
            if chunk.isEmpty { break }
            bytes += chunk
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func entries(_ path: String) -> Double? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var count = 0.0
        while let entry = readdir(directory) {
            // The directory's own descriptor, and the entries for itself and its parent, are none of the process's.
            count += entry.pointee.d_name.0 == CChar(bitPattern: UInt8(ascii: ".")) ? 0 : 1
        }
        return count - 1
    }

    /// Writes the figures.
    func write(to metrics: inout MetricsText) {
        let figures: [(String, MetricsText.Kind, String, Double?)] = [
            (
                "process_start_time_seconds", .gauge,
                "When the process started, in seconds since 1970-01-01 UTC.", startTime
            ),
            (
                "process_cpu_seconds_total", .counter,
                "Processor time of the process without that of builds, in seconds.", processorTime
            ),
            (
                "process_resident_memory_bytes", .gauge,
                "Memory of the process without that of builds, in bytes.",
                residentMemory
            ),
            ("process_open_fds", .gauge, "Open file descriptors.", openFiles),
        ]
        for (name, kind, help, value) in figures {
            if let value { metrics.add(name, kind, help, value) }
        }
    }
}
