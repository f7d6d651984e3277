/// Numbers as report files write them; what is none counts as zero.
enum Numbers {
    private static let longest = 9.0e18

    /// Seconds with a fraction and perhaps commas between thousands, as nanoseconds.
    static func nanoseconds(seconds text: String?, unit: Double = 1e9) -> Int64 {
        guard let text, let seconds = Double(text.filter { $0 != "," }), seconds.isFinite, seconds > 0 else {
            return 0
        }
        return Int64(min(seconds * unit, longest))
    }

    /// `hh:mm:ss.fffffff` as nanoseconds.
    static func nanoseconds(clock text: String?) -> Int64 {
        let parts = (text ?? "").split(separator: ":", omittingEmptySubsequences: false).map {
            Double($0) ?? 0
        }
        guard parts.count == 3 else { return 0 }
        let seconds = parts[0] * 3600 + parts[1] * 60 + parts[2]
        guard seconds.isFinite, seconds > 0 else { return 0 }
        return Int64(min(seconds * 1e9, longest))
    }

    /// A count.
    static func count(_ text: String?) -> Int {
        max(0, text.flatMap { Int($0) } ?? 0)
    }
}
