/// Recognises texts that look like credentials by their published forms, and names that promise one.
///
/// The forms are those that their issuers document for secret scanners. False alarms cost trust, so a form must be
/// unmistakable: a fixed prefix and a length.
struct SecretShape: Sendable {
    /// What the credential is called in a message.
    let name: String
    /// How it begins.
    let prefix: String
    /// How many further characters it has at least.
    let length: Int
    /// Characters besides letters and digits.
    let extra: String

    static let known: [SecretShape] = [
        SecretShape(name: "an AWS access key id", prefix: "AKIA", length: 16, extra: ""),
        SecretShape(name: "a temporary AWS access key id", prefix: "ASIA", length: 16, extra: ""),
        SecretShape(name: "a GitHub token", prefix: "ghp_", length: 36, extra: ""),
        SecretShape(name: "a GitHub token", prefix: "gho_", length: 36, extra: ""),
        SecretShape(name: "a GitHub token", prefix: "ghu_", length: 36, extra: ""),
        SecretShape(name: "a GitHub token", prefix: "ghs_", length: 36, extra: ""),
        SecretShape(name: "a GitHub token", prefix: "ghr_", length: 36, extra: ""),
        SecretShape(name: "a GitHub token", prefix: "github_pat_", length: 40, extra: "_"),
        SecretShape(name: "a GitLab token", prefix: "glpat-", length: 20, extra: "_-"),
        SecretShape(name: "a Slack token", prefix: "xoxb-", length: 20, extra: "-"),
        SecretShape(name: "a Slack token", prefix: "xoxp-", length: 20, extra: "-"),
        SecretShape(name: "a Slack token", prefix: "xoxa-", length: 20, extra: "-"),
        SecretShape(name: "a Slack token", prefix: "xapp-", length: 20, extra: "-"),
        SecretShape(name: "a Stripe key", prefix: "sk_live_", length: 20, extra: ""),
        SecretShape(name: "a Stripe key", prefix: "rk_live_", length: 20, extra: ""),
        SecretShape(name: "a Google API key", prefix: "AIza", length: 35, extra: "_-"),
        SecretShape(name: "an npm token", prefix: "npm_", length: 36, extra: ""),
        SecretShape(name: "a PyPI token", prefix: "pypi-AgE", length: 40, extra: "_-"),
        SecretShape(name: "a SendGrid key", prefix: "SG.", length: 60, extra: "._-"),
        SecretShape(name: "a Docker token", prefix: "dckr_pat_", length: 20, extra: "_-"),
        SecretShape(name: "a JSON web token", prefix: "eyJ", length: 40, extra: "._-"),
        SecretShape(name: "a private key", prefix: "-----BEGIN RSA PRIVATE KEY", length: 0, extra: ""),
        SecretShape(name: "a private key", prefix: "-----BEGIN EC PRIVATE KEY", length: 0, extra: ""),
        SecretShape(name: "a private key", prefix: "-----BEGIN OPENSSH PRIVATE KEY", length: 0, extra: ""),
        SecretShape(name: "a private key", prefix: "-----BEGIN PRIVATE KEY", length: 0, extra: ""),
    ]

    /// Known shapes by the byte they begin with.
    private static let byFirstByte: [[SecretShape]] = (0...255).map { byte in
        known.filter { $0.prefix.utf8.first.map(Int.init) == byte }
    }

    /// The credentials in a text, at most so many: what each is, and its bytes.
    static func all(
        in text: UnsafeBufferPointer<UInt8>, limit: Int
    ) -> [(shape: SecretShape, bytes: Range<Int>)] {
        var found: [(shape: SecretShape, bytes: Range<Int>)] = []
        var previousIsWord = false
        var index = 0
        while index < text.count, found.count < limit {
            let byte = text[index]
            if !previousIsWord, isFirst[Int(byte)], let (shape, end) = match(in: text, at: index) {
                found.append((shape, index..<end))
                index = end
                previousIsWord = true
                continue
            }
            previousIsWord = isWord(byte)
            index += 1
        }
        return found
    }

    /// The text with every credential in it replaced by asterisks.
    static func masked(_ text: String) -> String {
        var bytes = Array(text.utf8)
        let found = bytes.withUnsafeBufferPointer { all(in: $0, limit: 100) }
        guard !found.isEmpty else { return text }
        for (_, range) in found.reversed() { bytes.replaceSubrange(range, with: "***".utf8) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let isFirst: [Bool] = byFirstByte.map { !$0.isEmpty }

    private static func match(
        in text: UnsafeBufferPointer<UInt8>, at index: Int
    ) -> (shape: SecretShape, end: Int)? {
        for shape in byFirstByte[Int(text[index])] {
            if let end = shape.end(in: text, from: index) { return (shape, end) }
        }
        return nil
    }

    /// Where a credential of this shape ends that begins at an index; nil when none does.
    private func end(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard bytes[start...].starts(with: prefix.utf8) else { return nil }
        var end = start + prefix.utf8.count
        var hasDigit = length == 0
        while end < bytes.count, Self.isWord(bytes[end]) || extra.utf8.contains(bytes[end]) {
            if (0x30...0x39).contains(bytes[end]) { hasDigit = true }
            end += 1
        }
        if length == 0 { return Self.endOfKey(in: bytes, from: end) }
        let count = end - start - prefix.utf8.count
        guard count >= length, hasDigit else { return nil }
        // An AWS key id has exactly so many capital letters and digits.
        let isKeyID = prefix == "AKIA" || prefix == "ASIA"
        let isCapital = bytes[start..<end].allSatisfy { !(0x61...0x7A).contains($0) }
        return isKeyID && (count != length || !isCapital) ? nil : end
    }

    /// Where a private key ends whose first line begins before an index: behind its last line, or where its text ends.
    private static func endOfKey(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let limit = min(bytes.count, start + longestKey)
        var index = start
        while index + 8 < limit, !bytes[index...].starts(with: "-----END".utf8) {
            // Base64, escaped or real line breaks, and the dashes of the first line.
            let isOfKey = isWord(bytes[index]) || "+/=\\-:, \n\r\t".utf8.contains(bytes[index])
            if !isOfKey { return index }
            index += 1
        }
        let end = bytes[index..<limit].firstIndex { $0 == 0x0A || $0 == UInt8(ascii: "\"") } ?? limit
        return end
    }

    private static let longestKey = 16_384

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}

extension SecretShape {
    /// Words that a secret's name has as a part of its own, between underscores.
    private static let parts: Set<Substring> = [
        "PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "CREDENTIAL", "CREDENTIALS", "APIKEY", "PASS",
    ]
    /// Pairs of parts that together promise a secret.
    private static let pairs: Set<String> = [
        "API KEY", "PRIVATE KEY", "ACCESS KEY", "AUTH KEY", "SECRET KEY",
    ]
    /// Last parts that make a name stand for something about a secret: where it is, or what it is called.
    private static let about: Set<Substring> = [
        "ID", "NAME", "ARN", "PATH", "FILE", "URL", "URI", "KEY_ID", "PARAMETER", "PARAM", "PREFIX", "LENGTH",
        "TTL",
        "ENABLED", "TYPE", "ALIAS", "USER", "USERNAME", "ENDPOINT", "REGION", "STORE", "MANAGER", "DIR",
        "EXPIRY",
    ]

    /// Whether a variable's name says that its value is a secret.
    static func isPromised(byName name: String) -> Bool {
        let parts = name.uppercased().split { $0 == "_" || $0 == "-" || $0 == "." }
        guard let last = parts.last, !about.contains(last) else { return false }
        if parts.contains(where: { Self.parts.contains($0) }) { return true }
        return zip(parts, parts.dropFirst()).contains { pairs.contains("\($0) \($1)") }
    }

    /// Whether a value can be a secret itself: no reference, placeholder, path, flag or number.
    static func isPlausible(_ value: String) -> Bool {
        guard value.utf8.count >= 6, value.utf8.count <= 4096 else { return false }
        let lower = value.lowercased()
        let harmless = [
            "true", "false", "none", "null", "changeme", "password", "secret", "token", "example", "dummy",
        ]
        if harmless.contains(lower) { return false }
        if value.contains(where: {
            $0 == " " || $0 == "$" || $0 == "<" || $0 == "{" || $0 == "/" && value.first == "/"
        }) {
            return false
        }
        if lower.hasPrefix("arn:") || lower.hasPrefix("http") || lower.hasPrefix("s3:")
            || lower.hasPrefix("your")
        {
            return false
        }
        if lower.hasPrefix("alias/") || value.allSatisfy({ $0 == "*" || $0 == "x" || $0 == "X" || $0 == "." })
        {
            return false
        }
        let isWord: (Character) -> Bool = { $0.isUppercase || $0.isNumber || $0 == "_" }
        if value.contains("_"), value.allSatisfy(isWord) { return false }
        let isPath: (Character) -> Bool = { $0.isLowercase || $0.isNumber || "-_./".contains($0) }
        if value.contains("/"), value.allSatisfy(isPath) { return false }
        return !value.allSatisfy(\.isNumber)
    }
}
