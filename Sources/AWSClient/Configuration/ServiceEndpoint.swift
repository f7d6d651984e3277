/// Where a service answers: scheme, host, port, and a path in front of every request's.
package struct ServiceEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// Whether the connection is encrypted: `https` or `http`.
    package var isSecure: Bool
    /// The host's name or address; an IPv6 address without its brackets.
    package var host: String
    /// The port where it is not the scheme's own.
    package var port: Int?
    /// Empty, or a path that begins with `/` and does not end with one.
    package var basePath: String
    /// Whether a person chose it, rather than the rules for the region.
    package var isCustom: Bool

    init(isSecure: Bool = true, host: String, port: Int? = nil, basePath: String = "", isCustom: Bool = false)
    {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.basePath = basePath
        self.isCustom = isCustom
    }

    /// Reads `http[s]://host[:port][/path]`.
    ///
    /// - Throws: `AWSError` (`configuration`) for anything else; `origin` names where the text comes from.
    package init(url text: String, origin: String) throws(AWSError) {
        guard let parsed = ServiceEndpoint(url: text) else {
            // What stands before an @ may be a password.
            let shown = text.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
            throw AWSError(
                .configuration, origin,
                "\(String(shown.prefix(200)).debugDescription) is not an http or https address",
                hint: "write it as https://host:port")
        }
        self = parsed
    }

    private init?(url text: String) {
        let lowered = text.prefix(8).lowercased()
        guard lowered.hasPrefix("https://") || lowered.hasPrefix("http://") else { return nil }
        isSecure = lowered == "https://"
        var rest = text.dropFirst(isSecure ? 8 : 7)
        let pathStart = rest.firstIndex(of: "/") ?? rest.endIndex
        let path = rest[pathStart...]
        rest = rest[..<pathStart]
        if rest.hasPrefix("["), let close = rest.firstIndex(of: "]") {
            host = String(rest[rest.index(after: rest.startIndex)..<close])
            rest = rest[rest.index(after: close)...]
            guard host.utf8.allSatisfy({ $0 == 58 || $0 == 46 || ServiceEndpoint.isHex($0) }) else {
                return nil
            }
        } else {
            let end = rest.firstIndex(of: ":") ?? rest.endIndex
            host = rest[..<end].lowercased()
            rest = rest[end...]
            guard host.utf8.allSatisfy(ServiceEndpoint.isHostByte) else { return nil }
        }
        port = nil
        if let colon = rest.first {
            guard colon == ":", let number = UInt16(rest.dropFirst()), number > 0 else { return nil }
            port = Int(number) == (isSecure ? 443 : 80) ? nil : Int(number)
        }
        basePath = String(path.trimmed(where: { $0 == "/" }))
        basePath = basePath.isEmpty ? "" : "/" + basePath
        guard basePath.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 63 && $0 != 35 }) else { return nil }
        isCustom = true
        if host.isEmpty { return nil }
    }

    /// The value of the `Host` header.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(name):\($0)" } ?? name
    }

    /// The address, `https://host:port/path`.
    package var description: String { (isSecure ? "https://" : "http://") + authority + basePath }

    /// Whether the host is an address rather than a name.
    var isAddress: Bool {
        host.contains(":") || host.split(separator: ".").allSatisfy { $0.allSatisfy(\.isNumber) }
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...102).contains(byte) || (65...70).contains(byte)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte) || byte == 45 || byte == 46 || byte == 95
    }
}
