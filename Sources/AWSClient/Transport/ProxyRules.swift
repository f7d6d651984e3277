import AsyncHTTPClient

/// A proxy's address and the authorization it asks for.
struct ProxyAddress: Sendable, Hashable {
    let endpoint: ServiceEndpoint
    let user: String?
    let password: String?

    var setting: HTTPClient.Configuration.Proxy {
        let port = endpoint.port ?? (endpoint.isSecure ? 443 : 80)
        guard let user else { return .server(host: endpoint.host, port: port) }
        return .server(
            host: endpoint.host, port: port, authorization: .basic(username: user, password: password ?? ""))
    }
}

extension ProxyAddress: CustomStringConvertible, CustomReflectable {
    var description: String { endpoint.description }

    /// A mirror without the password.
    var customMirror: Mirror { Mirror(self, children: ["endpoint": endpoint]) }
}

/// Which hosts are reached through which proxy: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, either case; the lower
/// case wins, as in curl.
struct ProxyRules: Sendable {
    private let secure: ProxyAddress?
    private let plain: ProxyAddress?
    private let exceptions: [String]

    var addresses: Set<ProxyAddress> { Set([secure, plain].compactMap(\.self)) }

    /// Reads the variables.
    ///
    /// - Throws: `AWSError` (`configuration`) when an address is not one.
    init(environment: [String: String]) throws(AWSError) {
        func value(_ name: String) -> (String, String)? {
            for candidate in [name.lowercased(), name] {
                if let text = environment[candidate], !text.isEmpty { return (candidate, text) }
            }
            return nil
        }
        secure = try ProxyRules.address(value("HTTPS_PROXY"))
        plain = try ProxyRules.address(value("HTTP_PROXY"))
        exceptions = (value("NO_PROXY")?.1 ?? "").split(whereSeparator: { $0 == "," || $0 == " " })
            .map { $0.lowercased() }
    }

    /// The proxy for a host; the machine's own metadata and container addresses are never behind one.
    func proxy(for endpoint: ServiceEndpoint) -> ProxyAddress? {
        let linkLocal = endpoint.host.hasPrefix("169.254.") || endpoint.host == "fd00:ec2::254"
        if linkLocal || isLoopback(endpoint.host) || isException(endpoint) { return nil }
        return endpoint.isSecure ? secure : plain
    }

    private func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host.hasPrefix("127.") || host == "::1"
    }

    private func isException(_ endpoint: ServiceEndpoint) -> Bool {
        exceptions.contains { entry in
            if entry == "*" || entry == endpoint.authority { return true }
            if entry == "\(endpoint.host):\(endpoint.isSecure ? 443 : 80)" { return endpoint.port == nil }
            if let network = AddressRange(entry) { return network.contains(endpoint.host) }
            var suffix = entry[...]
            if suffix.hasPrefix("*") { suffix = suffix.dropFirst() }
            if suffix.hasPrefix(".") { suffix = suffix.dropFirst() }
            return endpoint.host == suffix || endpoint.host.hasSuffix("." + suffix)
        }
    }

    private static func address(_ given: (name: String, text: String)?) throws(AWSError) -> ProxyAddress? {
        guard let given else { return nil }
        var text = given.text
        if !text.contains("://") { text = "http://" + text }
        var user: String?
        var password: String?
        // The last @ ends the user's part; it must not reach an error message, for it holds a password.
        if let at = text.lastIndex(of: "@"), let slashes = text.firstIndex(of: "/") {
            let start = text.index(slashes, offsetBy: 2, limitedBy: at) ?? at
            let parts = text[start..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = parts.first.map { String($0).percentDecoded }
            password = parts.count > 1 ? String(parts[1]).percentDecoded : nil
            text.removeSubrange(start...at)
        }
        let endpoint = try ServiceEndpoint(url: text, origin: given.name)
        return ProxyAddress(endpoint: endpoint, user: user, password: password)
    }
}

/// Addresses as `10.0.0.0/8`, which `NO_PROXY` may hold.
private struct AddressRange {
    private let network: UInt32
    private let mask: UInt32

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let network = Self.address(String(parts[0])), let bits = UInt32(parts[1]),
            bits <= 32
        else { return nil }
        mask = bits == 0 ? 0 : ~0 << (32 - bits)
        self.network = network & mask
    }

    func contains(_ host: String) -> Bool {
        Self.address(host).map { $0 & mask == network } ?? false
    }

    private static func address(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4, !parts.contains(nil) else { return nil }
        return parts.reduce(0) { $0 << 8 | UInt32($1 ?? 0) }
    }
}
