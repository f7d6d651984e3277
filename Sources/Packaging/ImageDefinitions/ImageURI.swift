import Archiving
import Glibc

/// The URI of a container image: `[registry[:port]/]repository[:tag][@sha256:digest]`.
///
/// The grammar is that of image references in the OCI distribution specification, as far as registries of AWS
/// accept it.
package struct ImageURI: Sendable, Hashable, CustomStringConvertible {
    /// As written; it is never changed.
    package let description: String

    /// Checks a URI.
    ///
    /// - Throws: `invalidImageURI`, which tells the part that is wrong.
    package init(_ text: String) throws(PackagingError) {
        if let reason = Self.problem(with: text) {
            throw PackagingError(.invalidImageURI, Printable.text(text), reason)
        }
        description = text
    }

    private static func problem(with text: String) -> String? {
        guard text.utf8.count <= 1_024 else { return "it has more than 1024 bytes" }
        var rest = Array(text.utf8)[...]
        if let at = rest.firstIndex(of: UInt8(ascii: "@")) {
            let digest = rest[(at + 1)...]
            guard digest.starts(with: "sha256:".utf8), digest.count == 7 + 64,
                digest.dropFirst(7).allSatisfy(isLowercaseHexadecimal)
            else { return "after @ there must be sha256: and 64 hexadecimal digits in lower case" }
            rest = rest[..<at]
        }
        let lastPart = (rest.lastIndex(of: UInt8(ascii: "/")) ?? rest.startIndex - 1) + 1
        if let colon = rest[lastPart...].firstIndex(of: UInt8(ascii: ":")) {
            guard isTag(rest[(colon + 1)...]) else {
                return "a tag has 1 to 128 letters, digits, _, . and -, and does not begin with . or -"
            }
            rest = rest[..<colon]
        }
        var parts = rest.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if parts.count > 1, let first = parts.first, isRegistryLike(first) {
            guard isRegistry(first) else {
                return "the registry is no host name or [IPv6 address] with an optional port"
            }
            parts.removeFirst()
        }
        guard parts.reduce(parts.count - 1, { $0 + $1.count }) <= 255 else {
            return "the repository's name has more than 255 characters"
        }
        guard parts.allSatisfy(isPathComponent) else {
            return "a repository has parts of lower-case letters and digits, joined by ., _, __ or hyphens"
        }
        return nil
    }

    /// A first part is a registry if it could not be part of a repository's path.
    private static func isRegistryLike(_ part: ArraySlice<UInt8>) -> Bool {
        part.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }
            || part.elementsEqual("localhost".utf8)
            || part.contains(where: isUppercase)
    }

    private static func isRegistry(_ part: ArraySlice<UInt8>) -> Bool {
        if part.first == UInt8(ascii: "["), let end = part.firstIndex(of: UInt8(ascii: "]")) {
            let rest = part[(end + 1)...]
            return isIPv6(part[(part.startIndex + 1)..<end])
                && (rest.isEmpty || (rest.first == UInt8(ascii: ":") && isPort(rest.dropFirst())))
        }
        let halves = part.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 1 || isPort(halves[1]) else { return false }
        let labels = halves[0].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return halves[0].count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.count) && label.first != UInt8(ascii: "-")
                    && label.last != UInt8(ascii: "-")
                    && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
            }
    }

    /// An address in hexadecimal, without a zone, as image references have them.
    private static func isIPv6(_ text: ArraySlice<UInt8>) -> Bool {
        guard !text.contains(0), !text.contains(UInt8(ascii: ".")) else { return false }
        var address = in6_addr()
        return inet_pton(AF_INET6, String(decoding: text, as: UTF8.self), &address) == 1
    }

    private static func isPort(_ text: ArraySlice<UInt8>) -> Bool {
        guard (1...5).contains(text.count), text.allSatisfy(isDigit),
            let port = Int(String(decoding: text, as: UTF8.self))
        else { return false }
        return (1...65_535).contains(port)
    }

    private static func isPathComponent(_ part: ArraySlice<UInt8>) -> Bool {
        guard let first = part.first, let last = part.last, isLowercaseOrDigit(first),
            isLowercaseOrDigit(last)
        else {
            return false
        }
        let separators = part.split(whereSeparator: isLowercaseOrDigit)
        return separators.allSatisfy { separator in
            separator.elementsEqual(".".utf8) || separator.elementsEqual("_".utf8)
                || separator.elementsEqual("__".utf8) || separator.allSatisfy { $0 == UInt8(ascii: "-") }
        }
    }

    private static func isTag(_ tag: ArraySlice<UInt8>) -> Bool {
        guard let first = tag.first, isAlphanumeric(first) || first == UInt8(ascii: "_") else { return false }
        return tag.count <= 128
            && tag.allSatisfy {
                isAlphanumeric($0) || [UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-")].contains($0)
            }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    private static func isUppercase(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
    private static func isLowercaseOrDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowercaseOrDigit(byte) || isUppercase(byte)
    }
    private static func isLowercaseHexadecimal(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

extension ImageURI {
    /// The parts of a URI.
    package struct Parts: Sendable, Hashable {
        /// `host[:port]`; nil for Docker Hub.
        package let registry: String?
        /// The repository without the registry.
        package let repository: String
        /// The tag; nil when none is written.
        package let tag: String?
        /// `sha256:...`; nil when none is written.
        package let digest: String?
    }

    /// The URI taken apart.
    package var parts: Parts {
        let halves = description.split(separator: "@", maxSplits: 1)
        var name = halves[0]
        var tag: String?
        let lastPart = name.lastIndex(of: "/") ?? name.startIndex
        if let colon = name[lastPart...].firstIndex(of: ":") {
            tag = String(name[name.index(after: colon)...])
            name = name[..<colon]
        }
        var registry: String?
        if let slash = name.firstIndex(of: "/"), Self.isRegistryLike(ArraySlice(name[..<slash].utf8)) {
            registry = String(name[..<slash])
            name = name[name.index(after: slash)...]
        }
        return Parts(
            registry: registry, repository: String(name), tag: tag,
            digest: halves.count > 1 ? String(halves[1]) : nil)
    }

    /// The same repository with a digest instead of a tag, as ECS takes it.
    ///
    /// - Throws: `invalidImageURI` when the digest is none.
    package func pinned(to digest: String) throws(PackagingError) -> ImageURI {
        let parts = parts
        return try ImageURI((parts.registry.map { $0 + "/" } ?? "") + parts.repository + "@" + digest)
    }
}

/// Text for messages.
enum Printable {
    /// Control characters escaped, and not endless.
    static func text(_ text: String) -> String {
        EntryName(text.count > 200 ? text.prefix(200) + "…" : text).description
    }
}
