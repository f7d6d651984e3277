import Glibc

/// A moment, to the microsecond.
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    package var microseconds: Int64

    /// Makes a moment from microseconds since 1970.
    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The system clock's time.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// Earlier is less.
    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// Seconds since 1970, as the API gives times.
    package var epochSeconds: Double { Double(microseconds) / 1_000_000 }

    /// Milliseconds since 1970, as `CODEBUILD_START_TIME` gives them.
    package var epochMilliseconds: Int64 { microseconds / 1000 }

    /// `YYYY/MM/DD HH:MM:SS.ffffff` in UTC, as in CodeBuild's log (reference 4.1).
    package var logText: String {
        var seconds = time_t(microseconds / 1_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)].map(Self.pad)
        let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { Self.pad(Int($0)) }
        let fraction = String(microseconds % 1_000_000 + 1_000_000).dropFirst()
        return "\(date.joined(separator: "/")) \(time.joined(separator: ":")).\(fraction)"
    }

    private static func pad(_ number: Int) -> String {
        number < 10 ? "0\(number)" : String(number)
    }
}
