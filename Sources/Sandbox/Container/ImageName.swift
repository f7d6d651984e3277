/// The names of images, as projects write them and as engines find them.
package enum ImageName {
    /// The registry with the public copies of CodeBuild's own images (behaviour reference, section 10.4).
    package static let publicPrefix = "public.ecr.aws/codebuild/"

    /// How CodeBuild's own images are called in projects.
    package static let curatedPrefix = "aws/codebuild/"

    /// Whether the image is one of CodeBuild's own.
    package static func isCurated(_ name: String) -> Bool { name.hasPrefix(curatedPrefix) }

    /// The names under which the image may be on this machine, the likeliest first.
    ///
    /// CodeBuild's own images may have been built here under their own name, as its repository tells people to do.
    package static func local(_ name: String, prefix: String) -> [String] {
        isCurated(name) ? [name, mapped(name, prefix: prefix)] : [name]
    }

    /// The name to fetch the image by.
    ///
    /// A name without a registry is one of Docker Hub, as it is for CodeBuild; podman would ask its own configuration.
    package static func remote(_ name: String, prefix: String) -> String {
        if isCurated(name) { return mapped(name, prefix: prefix) }
        let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return "docker.io/library/" + name }
        let first = parts[0]
        if first == "localhost" || first.contains(".") || first.contains(":") { return name }
        return "docker.io/" + name
    }

    private static func mapped(_ name: String, prefix: String) -> String {
        let separator = prefix.isEmpty || prefix.hasSuffix("/") ? "" : "/"
        return prefix + separator + name.dropFirst(curatedPrefix.count)
    }

    /// Whether the text can name an image: no engine would take it for an option or a path.
    package static func isPlausible(_ name: String) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: "-"), name.utf8.count <= 512 else {
            return false
        }
        return name.unicodeScalars.allSatisfy {
            $0.isASCII
                && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                    || "._-/:@".unicodeScalars.contains($0))
        }
    }
}
