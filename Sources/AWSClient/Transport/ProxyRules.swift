import AsyncHTTPClient
import Glibc

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
    private let exceptions: [ProxyException]

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
            .map { ProxyException($0) }
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
        exceptions.contains { $0.covers(endpoint) }
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

/// An entry of `NO_PROXY`: `*`, a domain with all below it (also as `.domain` or `*.domain`), an address or a network
/// (`10.0.0.0/8`, `fd00::/8`); all but networks with a port where only that one is meant.
private struct ProxyException: Sendable {
    private let name: String
    private let port: Int?
    private let address: [UInt8]?
    private let network: AddressRange?

    init(_ text: some StringProtocol) {
        var name = text.lowercased()
        var port: Int?
        // A colon in an address of version 6 begins no port, unless brackets end before it.
        let isNameWithPort = name.count { $0 == ":" } == 1 || name.hasPrefix("[")
        if isNameWithPort, let colon = name.lastIndex(of: ":"),
            let number = UInt16(name[colon...].dropFirst())
        {
            port = Int(number)
            name = String(name[..<colon])
        }
        if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
        network = AddressRange(name)
        address = AddressRange.address(name)
        if name != "*" {
            if name.hasPrefix("*") { name.removeFirst() }
            if name.hasPrefix(".") { name.removeFirst() }
            if name.hasSuffix(".") { name.removeLast() }
        }
        self.name = name
        self.port = port
    }

    func covers(_ endpoint: ServiceEndpoint) -> Bool {
        if let port, port != endpoint.port ?? (endpoint.isSecure ? 443 : 80) { return false }
        if name == "*" { return true }
        if let network { return network.contains(endpoint.host) }
        if let address { return AddressRange.address(endpoint.host) == address }
        let host = endpoint.host.hasSuffix(".") ? String(endpoint.host.dropLast()) : endpoint.host
        return host == name || host.hasSuffix("." + name)
    }
}

/// Addresses as `10.0.0.0/8`.
private struct AddressRange: Sendable {
    private let network: [UInt8]
    private let bits: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let network = Self.address(String(parts[0])), let bits = UInt8(parts[1]),
            bits <= network.count * 8
        else { return nil }
        self.network = network
        self.bits = Int(bits)
    }

    func contains(_ host: String) -> Bool {
        guard let address = Self.address(host), address.count == network.count else { return false }
        return zip(address, network).enumerated().allSatisfy { index, pair in
            let rest = min(max(bits - index * 8, 0), 8)
            return (pair.0 ^ pair.1) >> (8 - rest) == 0
        }
    }

    /// The bytes of an address of either version; nil for names.
    static func address(_ text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }
}
