import Glibc

/// What the system says of a file: enough to know whether it could have changed since it was last asked.
package struct FileStatus: Sendable, Hashable {
    /// The file system.
    package let device: UInt64
    /// The file's number in it.
    package let inode: UInt64
    /// Kind and permissions.
    package let mode: UInt64
    /// Bytes.
    package let size: UInt64
    /// When the content was changed, in nanoseconds since 1970; anybody can set it.
    package let modified: UInt64
    /// When anything was changed, in nanoseconds since 1970; only the system sets it.
    package let changed: UInt64

    /// Whether the owner may execute it.
    package var isExecutable: Bool { mode & 0o100 != 0 }

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        mode = UInt64(status.st_mode)
        size = UInt64(clamping: status.st_size)
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
    }

    /// Makes a status of its parts, as they were written down.
    package init(device: UInt64, inode: UInt64, mode: UInt64, size: UInt64, modified: UInt64, changed: UInt64)
    {
        self.device = device
        self.inode = inode
        self.mode = mode
        self.size = size
        self.modified = modified
        self.changed = changed
    }

    /// The status of what a descriptor is open on; nil when it cannot be asked.
    package init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Whether it was changed in the last so many nanoseconds, by this machine's clock.
    func wasChanged(within time: UInt64) -> Bool {
        let age = Int64(clamping: Self.now()).subtractingReportingOverflow(Int64(clamping: changed))
        return !age.overflow && age.partialValue.magnitude < time
    }

    /// Whether it was changed so long before a moment, in nanoseconds since 1970, that whatever is changed after that moment
    /// has another status.
    ///
    /// Times are those of the clock's last tick, or of what the file system keeps of it: as much as two seconds.
    ///
    /// - Parameters:
    ///   - moment: when something was done that needs to know.
    ///   - isLocal: whether the times are this machine's own.
    /// - Returns: whether it is so, as far as the times tell.
    package func isSettled(before moment: UInt64, isLocal: Bool) -> Bool {
        let latest = max(changed, modified)
        // What is no multiple of a hundredth of a second has been kept in smaller units.
        let tick = isLocal && !changed.isMultiple(of: 10_000_000) ? Self.localTick : Self.longestTick
        return latest &+ tick < moment && latest < moment
    }

    /// A tick is at most 10 ms; more, because a virtual machine may stand still for a while.
    private static let localTick: UInt64 = 250_000_000
    private static let longestTick: UInt64 = 2_000_000_000

    /// The time in nanoseconds since 1970, by the clock that files get their times from.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return nanoseconds(time)
    }

    /// Nanoseconds as a bit pattern: times before 1970 wrap around, which comparing does not mind.
    private static func nanoseconds(_ time: timespec) -> UInt64 {
        UInt64(truncatingIfNeeded: time.tv_sec &* 1_000_000_000 &+ time.tv_nsec)
    }
}
