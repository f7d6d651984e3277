/// A modification time as zip archives hold it: in DOS form (UTC here, 1980 to 2107, even seconds) and as
/// Unix seconds.
struct ZipTime: Sendable, Hashable {
    /// Seconds since 1970-01-01 UTC.
    let seconds: Int64
    /// 1980-01-01 00:00:00.
    static let earliest: Int64 = 315_532_800

    /// Seconds since midnight in DOS form.
    var dosTime: UInt16 {
        let second = clamped % 86_400
        return UInt16((second / 3_600) << 11 | (second / 60 % 60) << 5 | (second % 60 / 2))
    }

    /// The day in DOS form.
    var dosDate: UInt16 {
        let (year, month, day) = Self.civil(day: clamped / 86_400)
        return UInt16((year - 1_980) << 9 | month << 5 | day)
    }

    /// Whether the Unix seconds are written at all: 32 bits must hold them, and 1980-01-01 00:00:00, where zip's
    /// time begins, stands for no time.
    private var extraSeconds: Int32? {
        seconds == Self.earliest ? nil : Int32(exactly: seconds)
    }

    /// Bytes of the extra field.
    var extraLength: Int {
        extraSeconds == nil ? 0 : 9
    }

    /// Appends the extended timestamp 0x5455 with the modification time only, or nothing.
    func appendExtraField(to bytes: inout [UInt8]) {
        guard let extraSeconds else { return }
        bytes.append(littleEndian: UInt16(0x5455))
        bytes.append(littleEndian: UInt16(5))
        bytes.append(1)
        bytes.append(littleEndian: extraSeconds)
    }

    /// 1980-01-01 00:00:00 to 2107-12-31 23:59:58.
    private var clamped: Int {
        Int(min(max(seconds, Self.earliest), 4_354_819_198))
    }

    /// The Gregorian date of a day counted from 1970-01-01, for days after it.
    private static func civil(day: Int) -> (year: Int, month: Int, day: Int) {
        // Years begin in March here, so that the leap day is a year's last; eras have 400 years.
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthIndex + 2) / 5 + 1
        )
    }
}
