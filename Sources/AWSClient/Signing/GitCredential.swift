import Crypto

/// What git shows to CodeCommit: the name and password that `aws codecommit credential-helper` gives.
///
/// The password is a signature of the repository's path, good for a quarter of an hour.
package struct GitCredential: Sendable, Hashable {
    /// The access key's id, and with temporary credentials `%` and the session token.
    package let username: String
    /// The moment of the signature, and the signature.
    package let password: String

    /// A credential for a repository of CodeCommit; nil when the host is not CodeCommit's.
    ///
    /// - Parameters:
    ///   - host: the host's name, with a port if there is one.
    ///   - path: the repository's path, without the slash at its beginning: `v1/repos/app`.
    ///   - credentials: who asks.
    ///   - time: now.
    package init?(host: String, path: String, credentials: Credentials, at time: Timestamp) {
        let name = Self.name(ofHost: host)
        guard let region = Self.region(ofHost: name) else { return nil }
        let stamp = String(time.compactText.dropLast())
        let signer = RequestSigner(
            credentials: credentials, region: region,
            service: AWSService(identifier: "codecommit", endpointPrefix: "codecommit"))
        let canonical = "GIT\n/\(path)\n\nhost:\(name)\n\nhost\n"
        password = stamp + "Z" + signer.signature(ofCanonical: canonical, stamp: stamp)
        username = credentials.accessKeyID + (credentials.sessionToken.map { "%" + $0 } ?? "")
    }

    /// Whether a host, with a port if there is one, is CodeCommit's.
    package static func isCodeCommit(host: String) -> Bool { region(ofHost: name(ofHost: host)) != nil }

    /// The port is no part of what is signed.
    private static func name(ofHost host: String) -> String {
        String(host.lowercased().split(separator: ":", omittingEmptySubsequences: false).first ?? "")
    }

    /// The region in `git-codecommit[-fips].<region>.[vpce.]amazonaws.com[.cn]`, before which an endpoint's own name may
    /// stand; nil for any other host.
    static func region(ofHost host: String) -> String? {
        var labels = host.split(separator: ".", omittingEmptySubsequences: false)[...]
        for domain in [["amazonaws", "com"], ["amazonaws", "com", "cn"]]
        where labels.suffix(domain.count).elementsEqual(domain, by: ==) {
            labels = labels.dropLast(domain.count)
            let isEndpoint = labels.last == "vpce"
            if isEndpoint { labels = labels.dropLast() }
            guard let region = labels.popLast(), let service = labels.popLast(),
                service == "git-codecommit" || service == "git-codecommit-fips",
                isEndpoint ? labels.count == 1 && labels.first?.hasPrefix("vpce-") == true : labels.isEmpty,
                AWSConfiguration.isRegionName(String(region))
            else { return nil }
            return String(region)
        }
        return nil
    }
}

extension GitCredential: CustomStringConvertible, CustomReflectable {
    /// Shows nothing of it.
    package var description: String { "a credential for git" }
    /// A mirror without the values.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
