/// Where a worker shows its state over HTTP: `HOST:PORT`.
///
/// Without a host it is the loopback interface: what is shown has no password, so another host has to be named.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address; an IPv6 address without its brackets.
    package let host: String
    /// 0 lets the system choose.
    package let port: Int

    /// An address.
    package init(host: String = "127.0.0.1", port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `HOST:PORT`, `[IPv6]:PORT`, `:PORT` or `PORT`.
    ///
    /// - Throws: ``ListenFailure`` for anything else.
    package init(_ text: String) throws(ListenFailure) {
        var host = text[..<(text.lastIndex(of: ":") ?? text.startIndex)]
        let port = text[host.endIndex...].drop { $0 == ":" }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        let isPlain = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
                true
            case UInt8(ascii: ":"): isBracketed
            default: false
            }
        }
        let isNumber = !port.isEmpty && port.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isPlain, isNumber, let number = UInt16(port), !isBracketed || !host.isEmpty else {
            throw ListenFailure(
                .invalid, "\(String(text.prefix(100)).debugDescription) is not HOST:PORT",
                hint: "write 127.0.0.1:9100, [::1]:9100, or only :9100 for this machine")
        }
        self.init(host: host.isEmpty ? "127.0.0.1" : String(host), port: Int(number))
    }

    /// Whether nobody but this machine reaches it.
    package var isLoopback: Bool {
        let bytes = host.split(separator: ".", omittingEmptySubsequences: false)
        let isAddress = bytes.count == 4 && bytes.allSatisfy { UInt8($0) != nil }
        return host == "localhost" || host == "::1" || isAddress && bytes.first == "127"
    }

    /// `host:port`, as a URL has it.
    package var description: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }
}

/// Why a worker's state cannot be shown.
package struct ListenFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Whose business it is.
    package enum Kind: Sendable, Hashable {
        /// The address is none.
        case invalid
        /// The machine does not let us listen there.
        case refused
    }

    /// Whose business it is.
    package let kind: Kind
    /// Why.
    package let reason: String
    /// What to try.
    package let hint: String?

    init(_ kind: Kind, _ reason: String, hint: String?) {
        self.kind = kind
        self.reason = reason
        self.hint = hint
    }

    /// One line.
    package var description: String { reason }
}
