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
        // Nearly all names are done with here: no text is made of them.
        guard
            name.bytes.contains(UInt8(ascii: ".")) || name.lastComponent.starts(with: "id_".utf8)
                || name.lastComponent.elementsEqual("_netrc".utf8)
        else { return false }
        let last = name.lastComponent
        let isCandidate =
            last.first == UInt8(ascii: ".") || name.hasHiddenDirectory || last.starts(with: "id_".utf8)
            || last.starts(with: "_".utf8) || suffixes.contains { last.hasSuffix($0) }
        guard isCandidate else { return false }
        let parts = name.description.lowercased().split(separator: "/").map(String.init)
        guard let file = parts.last else { return false }
        if names.contains(file) || suffixes.contains(where: file.hasSuffix) { return true }
        if file.hasPrefix(".env."), !samples.contains(where: file.hasSuffix) { return true }
        return parts.dropLast().contains(where: directories.contains)
    }

    /// Whether the content has to tell: certificates, which are public, have the same names as keys.
    static func mayBeCertificate(_ name: EntryName) -> Bool {
        name.lastComponent.hasSuffix(".pem")
    }

    /// Whether a PEM file holds certificates and nothing that is private.
    static func isOnlyCertificates(_ content: [UInt8]) -> Bool {
        content.holds("-----BEGIN CERTIFICATE-----") && !content.holds("PRIVATE KEY-----")
    }
}

extension ArraySlice<UInt8> {
    /// Whether it ends in an ASCII text, whose case does not matter.
    fileprivate func hasSuffix(_ text: String) -> Bool {
        let text = text.utf8
        guard count >= text.count else { return false }
        return zip(suffix(text.count), text).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }
}

extension EntryName {
    /// Whether one of its directories begins with a dot.
    fileprivate var hasHiddenDirectory: Bool {
        var isStart = true
        for byte in bytes.dropLast(lastComponent.count) {
            if isStart, byte == UInt8(ascii: ".") { return true }
            isStart = byte == UInt8(ascii: "/")
        }
        return false
    }
}
