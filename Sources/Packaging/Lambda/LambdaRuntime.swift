/// A runtime of AWS Lambda, such as `python3.13`.
package struct LambdaRuntime: Sendable, Hashable {
    /// What has the same rules for handlers.
    package enum Family: String, Sendable, Hashable, CaseIterable {
        case python
        case nodejs
        case ruby
        case java
        case dotnet
        /// A program of one's own: `provided.al2023`, or the former `go1.x`.
        case provided
    }

    /// The family.
    package let family: Family
    /// What follows the family's name, such as `3.13`.
    package let version: String

    /// Reads an identifier as Lambda has it; nil when its family is not known.
    package init?(_ identifier: String) {
        if identifier == "go1.x" {
            family = .provided
            version = identifier
            return
        }
        guard let family = Family.allCases.first(where: { identifier.hasPrefix($0.rawValue) }) else {
            return nil
        }
        let rest = identifier.dropFirst(family.rawValue.count)
        guard Self.isVersion(rest, of: family) else { return nil }
        self.family = family
        version = String(rest)
    }

    /// Whether a version is written as those of its family are: `3.13`, `22.x`, `8.al2`, `core3.1`.
    private static func isVersion(_ text: Substring, of family: Family) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        func isNumber(_ part: Substring) -> Bool {
            !part.isEmpty && part.allSatisfy { ("0"..."9").contains($0) }
        }
        switch family {
        case .python, .ruby: return parts.count == 2 && parts.allSatisfy(isNumber)
        // The first ones had numbers: nodejs6.10.
        case .nodejs: return parts.count == 2 && isNumber(parts[0]) && (parts[1] == "x" || isNumber(parts[1]))
        case .java: return isNumber(parts[0]) && (parts.count == 1 || parts.count == 2 && parts[1] == "al2")
        case .dotnet:
            let isCore = text.hasPrefix("core")
            let numbers = text.dropFirst(isCore ? 4 : 0).split(
                separator: ".", omittingEmptySubsequences: false)
            return numbers.count == (isCore ? 2 : 1) && numbers.allSatisfy(isNumber)
        case .provided: return text.isEmpty || text == ".al2" || text == ".al2023"
        }
    }
}

/// What Lambda runs code on.
package enum LambdaArchitecture: String, Sendable, Hashable, CaseIterable {
    case x86_64
    case arm64

    /// What paths call it.
    var words: [String] {
        switch self {
        case .x86_64: ["x86_64", "x86-64", "amd64", "x64"]
        case .arm64: ["aarch64", "arm64"]
        }
    }
}

/// A kind of layer: where its content has to lie to be found (Lambda's guide, "Packaging your layer content").
package enum LambdaLayer: String, Sendable, Hashable, CaseIterable {
    case python
    case nodejs
    case java
    case ruby
    /// Programs, on the `PATH`.
    case bin
    /// Libraries, on the `LD_LIBRARY_PATH`.
    case lib
}
