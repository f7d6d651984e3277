/// Where a worker answers operators: `HOST:PORT`, with an IPv6 address in brackets.
struct ListenAddress: Sendable, Hashable {
    /// A name or an address, without brackets.
    var host: String
    /// 0 for one that is free.
    var port: Int

    /// Reads `--listen`.
    /// - Throws: ``CommandFailure`` with status `usage` for anything else.
    init(_ text: String) throws(CommandFailure) {
        let failure = CommandFailure.usage(
            "--listen \(text): expected HOST:PORT", hint: "addresses look like 127.0.0.1:9090 or [::1]:9090")
        guard let colon = text.lastIndex(of: ":") else { throw failure }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw failure
        }
        let digits = text[colon...].dropFirst()
        guard !host.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(digits),
            port <= 65535
        else { throw failure }
        self.host = String(host)
        self.port = port
    }
}
