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
        if identifier.hasPrefix("go1.") {
            family = .provided
            version = identifier
            return
        }
        guard let family = Family.allCases.first(where: { identifier.hasPrefix($0.rawValue) }) else {
            return nil
        }
        let rest = identifier.dropFirst(family.rawValue.count)
        guard let first = rest.first, first.isNumber || (family == .provided && first == ".") || first == "c"
        else { return nil }
        self.family = family
        version = String(rest)
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
