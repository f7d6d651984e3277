/// What a terminal and the shell of a paused build say to each other: one byte that tells the kind, two that tell the
/// length (big-endian), and the payload.
enum ShellFrame: Sendable, Equatable {
    /// From the terminal, first: which shell is wanted.
    case open(ShellRequest)
    /// From the terminal: keys.
    case input([UInt8])
    /// From the terminal: its size has changed.
    case resize(rows: UInt16, columns: UInt16)
    /// From the terminal: there is no more input.
    case endOfInput
    /// From the shell.
    case output([UInt8])
    /// The shell has ended.
    case exit(UInt8)
    /// There is no shell, and why.
    case refusal(String)

    /// Longer payloads are sent in several frames.
    static let longest = 16 << 10

    /// The frame's bytes; a payload of more than ``longest`` bytes is cut.
    var bytes: [UInt8] {
        let (kind, payload) = parts
        let length = min(payload.count, Self.longest)
        return [kind, UInt8(length >> 8), UInt8(length & 0xff)] + payload.prefix(length)
    }

    private var parts: (kind: UInt8, payload: [UInt8]) {
        switch self {
        case .open(let request): (UInt8(ascii: "o"), request.bytes)
        case .input(let bytes): (UInt8(ascii: "i"), bytes)
        case .resize(let rows, let columns): (UInt8(ascii: "r"), Self.split(rows) + Self.split(columns))
        case .endOfInput: (UInt8(ascii: "e"), [])
        case .output(let bytes): (UInt8(ascii: "p"), bytes)
        case .exit(let code): (UInt8(ascii: "x"), [code])
        case .refusal(let text): (UInt8(ascii: "f"), Array(text.utf8))
        }
    }

    /// Reads a frame's parts; nil when they are none.
    init?(kind: UInt8, payload: [UInt8]) {
        switch kind {
        case UInt8(ascii: "o"):
            guard let request = ShellRequest(payload) else { return nil }
            self = .open(request)
        case UInt8(ascii: "i"): self = .input(payload)
        case UInt8(ascii: "r"):
            guard payload.count == 4 else { return nil }
            self = .resize(rows: Self.join(payload[0...1]), columns: Self.join(payload[2...3]))
        case UInt8(ascii: "e"): self = .endOfInput
        case UInt8(ascii: "p"): self = .output(payload)
        case UInt8(ascii: "x"):
            guard let code = payload.first, payload.count == 1 else { return nil }
            self = .exit(code)
        case UInt8(ascii: "f"): self = .refusal(String(decoding: payload, as: UTF8.self))
        default: return nil
        }
    }

    static func split(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 0xff)] }

    static func join(_ bytes: ArraySlice<UInt8>) -> UInt16 { bytes.reduce(0) { $0 << 8 | UInt16($1) } }
}

/// The shell that a terminal asks for.
struct ShellRequest: Sendable, Equatable {
    /// Its size; nil when there is no terminal, and the shell reads commands.
    var size: (rows: UInt16, columns: UInt16)?
    /// `TERM`.
    var terminal: String

    init(size: (rows: UInt16, columns: UInt16)?, terminal: String) {
        self.size = size
        self.terminal = terminal
    }

    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 5 else { return nil }
        size = bytes[0] == 0 ? nil : (ShellFrame.join(bytes[1...2]), ShellFrame.join(bytes[3...4]))
        terminal = String(decoding: bytes[5...], as: UTF8.self)
    }

    var bytes: [UInt8] {
        [size == nil ? 0 : 1] + ShellFrame.split(size?.rows ?? 0) + ShellFrame.split(size?.columns ?? 0)
            + Array(terminal.utf8.prefix(256))
    }

    /// `TERM` as a shell gets it: the other side is not believed.
    var safeTerminal: String {
        let isPlausible = terminal.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }
        return terminal.isEmpty || !isPlausible ? "dumb" : terminal
    }

    static func == (left: ShellRequest, right: ShellRequest) -> Bool { left.bytes == right.bytes }
}

/// Finds frames in what comes over a socket; memory is bounded by the longest frame.
struct ShellFrameReader: Sendable {
    private var held: [UInt8] = []

    /// What is no frame ends the conversation.
    struct Malformed: Error {}

    /// Takes bytes in and tells the frames that are complete.
    mutating func read(_ bytes: some Sequence<UInt8>) throws(Malformed) -> [ShellFrame] {
        held.append(contentsOf: bytes)
        var frames: [ShellFrame] = []
        var start = 0
        while held.count - start >= 3 {
            let length = Int(held[start + 1]) << 8 | Int(held[start + 2])
            guard length <= ShellFrame.longest else { throw Malformed() }
            guard held.count - start >= 3 + length else { break }
            let payload = Array(held[(start + 3)..<(start + 3 + length)])
            guard let frame = ShellFrame(kind: held[start], payload: payload) else { throw Malformed() }
            frames.append(frame)
            start += 3 + length
        }
        held.removeFirst(start)
        return frames
    }
}
