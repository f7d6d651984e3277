extension Timestamp {
    /// `20260131T235959Z`, the form Signature Version 4 wants.
    var compactText: String {
        let time = CalendarTime(self)
        let date = padded(time.year, 4) + padded(time.month, 2) + padded(time.day, 2)
        return date + "T" + padded(time.hour, 2) + padded(time.minute, 2) + padded(time.second, 2) + "Z"
    }

    /// `2026-01-31T23:59:59Z`, the form in which AWS writes moments into JSON.
    var iso8601Text: String {
        let time = CalendarTime(self)
        let date = "\(padded(time.year, 4))-\(padded(time.month, 2))-\(padded(time.day, 2))"
        return date + "T\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))Z"
    }

    /// Reads an HTTP date, `Sat, 31 Jan 2026 23:59:59 GMT`; nil for anything else.
    init?(httpDate text: String) {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == ":" })
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 8, words[7] == "GMT", let day = Int(words[1]),
            let month = months.firstIndex(of: String(words[2])), let year = Int(words[3]),
            let hour = Int(words[4]), let minute = Int(words[5]), let second = Int(words[6]),
            let time = CalendarTime(
                year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second)
        else { return nil }
        self = time.timestamp
    }

    /// Reads an ISO 8601 moment as AWS writes it: `2026-01-31T23:59:59Z`, with a fraction or an offset `+01:00` if any;
    /// nil for anything else.
    init?(iso8601 text: String) {
        let bytes = Array(text.utf8)
        func number(_ start: Int, _ length: Int) -> Int? {
            guard start + length <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[start..<start + length] {
                guard (48...57).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 48)
            }
            return value
        }
        guard bytes.count >= 20, let year = number(0, 4), let month = number(5, 2), let day = number(8, 2),
            let hour = number(11, 2), let minute = number(14, 2), let second = number(17, 2),
            let time = CalendarTime(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        else { return nil }
        var zone = 19
        if bytes[zone] == UInt8(ascii: ".") {
            zone += 1
            while zone < bytes.count, (48...57).contains(bytes[zone]) { zone += 1 }
        }
        var offset = 0
        if zone + 6 == bytes.count, let hours = number(zone + 1, 2), let minutes = number(zone + 4, 2) {
            guard bytes[zone] == UInt8(ascii: "+") || bytes[zone] == UInt8(ascii: "-") else { return nil }
            offset = (hours * 3600 + minutes * 60) * (bytes[zone] == UInt8(ascii: "+") ? 1 : -1)
        } else if zone + 1 != bytes.count || bytes[zone] != UInt8(ascii: "Z") {
            return nil
        }
        self = time.timestamp.advanced(bySeconds: Double(-offset))
    }
}

private func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
