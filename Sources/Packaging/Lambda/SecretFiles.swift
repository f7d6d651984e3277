import Archiving

/// Names of files that mostly hold secrets, and do not belong into a package.
enum SecretFiles {
    private static let names: Set<String> = [
        ".env", ".netrc", "_netrc", ".pypirc", ".git-credentials", ".htpasswd", ".pgpass", ".my.cnf",
        "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519",
    ]
    private static let suffixes = [".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".ppk", ".kdbx"]
    /// Directories in which the tools keep credentials.
    private static let directories: Set<String> = [".aws", ".ssh", ".gnupg", ".docker", ".kube", ".azure"]
    /// What people call an `.env` file that is there to be read.
    private static let samples = [".example", ".sample", ".template", ".dist", ".defaults"]

    /// Whether a file looks like a secret; case does not matter.
    static func looksSecret(_ name: EntryName) -> Bool {
        guard mayLookSecret(name.bytes) else { return false }
        let parts = name.description.lowercased().split(separator: "/").map(String.init)
        guard let file = parts.last else { return false }
        if names.contains(file) || suffixes.contains(where: file.hasSuffix) { return true }
        if file.hasPrefix(".env."), !samples.contains(where: file.hasSuffix) { return true }
        return parts.dropLast().contains(where: directories.contains)
    }

    /// Nearly all names are done with here: one pass, and no text is made of them.
    private static func mayLookSecret(_ name: [UInt8]) -> Bool {
        name.withUnsafeBufferPointer { name in
            var start = 0
            var dot: Int?
            for (index, byte) in name.enumerated() {
                if byte == UInt8(ascii: "/") {
                    start = index + 1
                    dot = nil
                } else if byte == UInt8(ascii: ".") {
                    // A hidden file, or one in a hidden directory.
                    if index == start { return true }
                    dot = index
                }
            }
            let last = name[start...]
            if last.first == UInt8(ascii: "_") || last.starts(with: "id_".utf8) { return true }
            guard let dot, longestSuffix >= name.count - dot, name.count - dot >= shortestSuffix else {
                return false
            }
            return suffixes.contains { last.hasSuffix($0) }
        }
    }

    private static let shortestSuffix = suffixes.map(\.utf8.count).min() ?? 0
    private static let longestSuffix = suffixes.map(\.utf8.count).max() ?? 0

    /// Whether the content has to tell: certificates, which are public, have the same names as keys.
    static func mayBeCertificate(_ name: EntryName) -> Bool {
        name.lastComponent.hasSuffix(".pem")
    }

    /// Whether a PEM file holds certificates and nothing that is private.
    static func isOnlyCertificates(_ content: [UInt8]) -> Bool {
        content.holds("-----BEGIN CERTIFICATE-----") && !content.holds("PRIVATE KEY-----")
    }
}

extension BidirectionalCollection<UInt8> {
    /// Whether it ends in an ASCII text, whose case does not matter.
    fileprivate func hasSuffix(_ text: String) -> Bool {
        let text = text.utf8
        guard count >= text.count else { return false }
        return zip(suffix(text.count), text).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }
}
