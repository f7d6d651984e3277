import Archiving

/// Names of files that mostly hold secrets, and do not belong into a package.
enum SecretFiles {
    private static let names: Set<String> = [
        ".env", ".env~", ".envrc", ".netrc", "_netrc", ".pypirc", ".git-credentials", ".htpasswd", ".pgpass",
        ".my.cnf", ".dockercfg", ".terraformrc", ".vault-token",
        "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519",
    ]
    private static let suffixes = [
        ".pem", ".key", ".p8", ".p12", ".pfx", ".jks", ".keystore", ".ppk", ".kdbx", ".tfstate",
    ]
    /// Directories in which the tools keep credentials.
    private static let directories: Set<String> = [".aws", ".ssh", ".gnupg", ".docker", ".kube", ".azure"]
    /// What people call an `.env` file that is there to be read.
    private static let samples = [
        ".example", ".sample", ".template", ".tpl", ".dist", ".default", ".defaults", ".d.ts",
    ]

    /// Whether a file looks like a secret; case does not matter.
    static func looksSecret(_ name: EntryName) -> Bool {
        guard mayLookSecret(name.bytes) else { return false }
        let parts = name.description.lowercased().split(separator: "/").map(String.init)
        guard let file = parts.last else { return false }
        if names.contains(file) || suffixes.contains(where: file.hasSuffix) { return true }
        if file.hasPrefix(".env."), !samples.contains(where: file.hasSuffix) { return true }
        // A link or a file of a directory's name, too.
        return parts.contains(where: directories.contains)
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
            if last.first == UInt8(ascii: "_") || last.hasPrefix("id_") { return true }
            guard let dot, longestSuffix >= name.count - dot, name.count - dot >= shortestSuffix else {
                return false
            }
            return suffixes.contains { last.hasSuffix($0) }
        }
    }

    private static let shortestSuffix = suffixes.map(\.utf8.count).min() ?? 0
    private static let longestSuffix = suffixes.map(\.utf8.count).max() ?? 0

    /// How much of a file is looked into.
    private static let mostBytes = 4 << 20
    /// What may be in a file of certificates (RFC 7468, and what OpenSSL writes besides).
    private static let publicLabels = [
        "CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE", "X509 CRL", "PUBLIC KEY", "DH PARAMETERS",
    ]

    /// Whether a PEM file, or one that a link leads to, holds certificates and nothing that is private; not known of
    /// what is longer than 4 MiB.
    ///
    /// - Throws: `unreadable`, `changedWhileReading`.
    static func isOnlyCertificates(_ name: EntryName, in selection: Selection) throws(ArchivingError) -> Bool
    {
        guard name.lastComponent.hasSuffix(".pem"), case .file(let file) = selection.lead(name) else {
            return false
        }
        let content = try selection.content(of: file, limit: mostBytes + 1)
        guard content.count <= mostBytes else { return false }
        var rest = content[...]
        var count = 0
        while let start = rest.firstRange(of: Array("-----BEGIN ".utf8)) {
            rest = rest[start.upperBound...]
            guard publicLabels.contains(where: { rest.starts(with: "\($0)-----".utf8) }) else { return false }
            count += 1
        }
        return count > 0
    }
}

extension BidirectionalCollection<UInt8> {
    /// Whether it begins with an ASCII text, whose case does not matter.
    fileprivate func hasPrefix(_ text: String) -> Bool {
        count >= text.utf8.count && zip(self, text.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }

    /// Whether it ends in an ASCII text, whose case does not matter.
    fileprivate func hasSuffix(_ text: String) -> Bool {
        let text = text.utf8
        guard count >= text.count else { return false }
        return zip(suffix(text.count), text).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }
}
