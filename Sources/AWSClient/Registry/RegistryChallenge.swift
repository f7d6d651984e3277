import FoundationEssentials

/// What `WWW-Authenticate` asks for: `Bearer realm="...",service="...",scope="..."` (RFC 9110, section 11.6.1).
struct RegistryChallenge {
    let isBearer: Bool
    let fields: [String: String]

    /// Chooses the challenge that is answered: one for a token before one for a login.
    ///
    /// - Parameter fields: the values of all `WWW-Authenticate` fields; each may hold several challenges.
    /// - Returns: the challenge; nil when none of them is of a known kind.
    static func preferred(of fields: [String]) -> RegistryChallenge? {
        let known = fields.flatMap(separated).compactMap { RegistryChallenge($0) }
        return known.first { $0.isBearer && $0.fields["realm"] != nil } ?? known.first { !$0.isBearer }
    }

    /// The challenges of one field: each begins with a scheme, which no `=` follows before the next blank.
    private static func separated(_ field: String) -> [String] {
        var parts: [String] = [""]
        var isQuoted = false
        var isEscaped = false
        for character in field {
            if character == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = isQuoted && character == "\\" && !isEscaped
            if character == ",", !isQuoted {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        var challenges: [String] = []
        for part in parts.map({ $0[...].trimmed(where: { $0 == " " || $0 == "\t" }) }) {
            let word = part.prefix { $0 != " " && $0 != "=" }
            let isParameter = part.dropFirst(word.count).first == "="
            if isParameter, let last = challenges.indices.last {
                challenges[last] += "," + part
            } else {
                challenges.append(String(part))
            }
        }
        return challenges
    }

    /// Nil for schemes that are neither Bearer nor Basic.
    init?(_ text: String) {
        guard let space = text.firstIndex(of: " ") else { return nil }
        let scheme = text[..<space].lowercased()
        guard scheme == "bearer" || scheme == "basic" else { return nil }
        isBearer = scheme == "bearer"
        var fields: [String: String] = [:]
        var rest = text[space...]
        while true {
            rest = rest.drop { $0 == " " || $0 == "," }
            guard let equals = rest.firstIndex(of: "=") else { break }
            let name = rest[..<equals].lowercased()
            rest = rest[rest.index(after: equals)...]
            if rest.first == "\"" {
                rest = rest.dropFirst()
                var value = ""
                while let character = rest.popFirst(), character != "\"" {
                    value.append(character == "\\" ? rest.popFirst() ?? character : character)
                }
                fields[name] = value
            } else {
                fields[name] = String(rest.prefix { $0 != "," })
                rest = rest.drop { $0 != "," }
            }
        }
        self.fields = fields
    }
}

/// The token of a registry's token service.
struct RegistryToken {
    let value: String

    init?(_ body: [UInt8]) {
        struct Answer: Decodable {
            var token: String?
            var access_token: String?
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(body)),
            // The specification wants either, and some services leave the one empty.
            let token = [answer.token, answer.access_token].compactMap(\.self).first(where: { !$0.isEmpty }),
            token.utf8.allSatisfy({ (33...126).contains($0) })
        else { return nil }
        value = token
    }
}

/// A user and a password for a registry, as `docker login` keeps them.
package struct RegistryLogin: Sendable, CustomStringConvertible, CustomReflectable {
    let encoded: String

    /// Finds the login for a host in a Docker configuration (`auths`); nil when there is none.
    ///
    /// Helpers (`credsStore`) are not asked.
    package init?(host: String, configuration: [UInt8]) {
        struct File: Decodable {
            struct Entry: Decodable {
                var auth: String?
            }
            var auths: [String: Entry]?
        }
        guard let auths = try? JSONDecoder().decode(File.self, from: Data(configuration)).auths else {
            return nil
        }
        let names =
            host == "registry-1.docker.io"
            ? ["https://index.docker.io/v1/", "index.docker.io", "docker.io", host]
            : [host, "https://\(host)"]
        for name in names {
            guard let auth = auths[name]?.auth, [UInt8](base64: auth)?.contains(UInt8(ascii: ":")) == true
            else { continue }
            encoded = auth
            return
        }
        return nil
    }

    /// Nothing of it.
    package var description: String { "a hidden login" }
    /// A mirror without anything.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
