/// Where one artifact of a project goes (behaviour reference, sections 6.4 and 10.3).
package struct ProjectArtifacts: Sendable, Hashable {
    /// `namespaceType`.
    package enum NamespaceType: String, Sendable, Hashable {
        case none = "NONE"
        case buildID = "BUILD_ID"
    }

    /// `name`: no extension is added to it.
    package var name: String
    /// `path`; slashes at its ends do not count.
    package var path: String
    /// `namespaceType`.
    package var namespaceType: NamespaceType
    /// `overrideArtifactName`: whether the buildspec's `name` replaces `name`.
    package var overrideArtifactName: Bool
    /// `artifactIdentifier`; nil for the primary artifact.
    package var artifactIdentifier: String?

    /// Describes a zip without a namespace, whose name the buildspec may override.
    package init(name: String, identifier: String? = nil) {
        self.name = name
        path = ""
        namespaceType = .none
        overrideArtifactName = true
        artifactIdentifier = identifier
    }

    /// The object key of the zipped artifact: the table of reference 6.4.
    ///
    /// - Parameters:
    ///   - name: The artifact's final name; it may hold slashes.
    ///   - buildID: The uuid of the build.
    ///   - s3Prefix: The buildspec's `s3-prefix`, which counts with namespace BUILD_ID only.
    /// - Returns: A key without slashes at its start and without empty components.
    package func key(name: String, buildID: String, s3Prefix: String? = nil) -> String {
        var parts: [String] = []
        if namespaceType == .buildID, let s3Prefix { parts.append(s3Prefix) }
        parts.append(path)
        if namespaceType == .buildID { parts.append(buildID) }
        parts.append(name)
        return parts.flatMap { $0.split(separator: "/") }.joined(separator: "/")
    }
}
