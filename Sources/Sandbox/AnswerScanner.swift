import Glibc

/// Finds the driver's answer in the log stream: a pure machine over byte buffers.
///
/// Everything that is not the awaited answer is output and leaves at once, but for a tail that may be the answer's
/// beginning (at most a few dozen bytes).
struct AnswerScanner: Sendable {
    /// What a buffer contained, in order.
    enum Event: Sendable, Equatable {
        case output([UInt8])
        case answer(code: Int)
    }

    private var pattern: [UInt8]?
    /// Bytes held back: a proper prefix of an answer.
    private var held: [UInt8] = []

    /// Starts to look for the answer to the request with this nonce.
    mutating func expect(nonce: String) {
        pattern = [SandboxDriver.separator] + Array(nonce.utf8) + [UInt8(ascii: ":")]
    }

    /// Takes a buffer in and tells what it contained.
    mutating func scan(_ buffer: [UInt8]) -> [Event] {
        // Nearly all of a long output: nothing is copied.
        guard let pattern, !held.isEmpty || Self.mark(in: buffer, from: 0) != nil else {
            return buffer.isEmpty ? [] : [.output(buffer)]
        }
        let bytes = held + buffer
        held = []
        var search = 0
        while let mark = Self.mark(in: bytes, from: search) {
            switch Self.match(bytes[mark...], pattern) {
            case .no:
                search = mark + 1
            case .maybe:
                held = Array(bytes[mark...])
                return Self.output(bytes[..<mark])
            case .yes(let code, let end):
                self.pattern = nil
                return Self.output(bytes[..<mark]) + [.answer(code: code)] + Self.output(bytes[end...])
            }
        }
        return Self.output(bytes[...])
    }

    /// Gives back what was held when the stream ends.
    mutating func finish() -> [Event] {
        defer { held = [] }
        return Self.output(held[...])
    }

    private static func mark(in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, start < bytes.count,
                let found = memchr(base + start, Int32(SandboxDriver.separator), bytes.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    private static func output(_ bytes: ArraySlice<UInt8>) -> [Event] {
        bytes.isEmpty ? [] : [.output(Array(bytes))]
    }

    private enum Match {
        case no
        case maybe
        case yes(code: Int, end: Int)
    }

    /// Compares `bytes` with the pattern, up to three digits and the closing separator.
    private static func match(_ bytes: ArraySlice<UInt8>, _ pattern: [UInt8]) -> Match {
        var index = bytes.startIndex
        for expected in pattern {
            guard index < bytes.endIndex else { return .maybe }
            guard bytes[index] == expected else { return .no }
            index += 1
        }
        var code = 0
        var digits = 0
        while index < bytes.endIndex, digits <= 3 {
            let byte = bytes[index]
            index += 1
            if byte == SandboxDriver.separator {
                return digits > 0 && code <= 255 ? .yes(code: code, end: index) : .no
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), digits < 3 else { return .no }
            code = code * 10 + Int(byte - UInt8(ascii: "0"))
            digits += 1
        }
        return .maybe
    }
}
