/// Where one artifact of a project goes (behaviour reference, sections 6.4 and 10.3).
package struct ProjectArtifacts: Sendable, Hashable {
    /// `type`.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case codePipeline = "CODEPIPELINE"
        case s3 = "S3"
        case noArtifacts = "NO_ARTIFACTS"
    }

    /// `namespaceType`.
    package enum NamespaceType: String, Sendable, Hashable, CaseIterable {
        case none = "NONE"
        case buildID = "BUILD_ID"
    }

    /// `packaging`.
    package enum Packaging: String, Sendable, Hashable, CaseIterable {
        /// One object a file, in a folder of the artifact's name.
        case none = "NONE"
        /// One zip.
        case zip = "ZIP"
    }

    /// `bucketOwnerAccess`: what the owner of a bucket in another account may do with the objects.
    package enum BucketOwnerAccess: String, Sendable, Hashable, CaseIterable {
        case none = "NONE"
        case readOnly = "READ_ONLY"
        case full = "FULL"
    }

    /// `type`.
    package var kind: Kind
    /// `name`: no extension is added to it.
    package var name: String
    /// `location`: the name of a bucket.
    package var location: String?
    /// `path`; slashes at its ends do not count.
    package var path: String
    /// `namespaceType`.
    package var namespaceType: NamespaceType
    /// `packaging`.
    package var packaging: Packaging
    /// `overrideArtifactName`: whether the buildspec's `name` replaces `name`.
    package var overrideArtifactName: Bool
    /// `encryptionDisabled`.
    package var encryptionDisabled: Bool
    /// `bucketOwnerAccess`; nil and NONE give no access.
    package var bucketOwnerAccess: BucketOwnerAccess?
    /// `artifactIdentifier`; nil for the primary artifact.
    package var artifactIdentifier: String?
    /// The output artifact of a pipeline's action that it becomes; nil where the project itself names the object.
    package var output: PipelineOutput?

    /// Describes a zip without a namespace, whose name the buildspec may override.
    package init(name: String, identifier: String? = nil) {
        kind = .s3
        self.name = name
        path = ""
        namespaceType = .none
        packaging = .zip
        overrideArtifactName = true
        encryptionDisabled = false
        artifactIdentifier = identifier
    }

    /// The object key of the zipped artifact, or of the folder of one that is not zipped: the table of reference 6.4.
    ///
    /// - Parameters:
    ///   - name: The artifact's final name; it may hold slashes.
    ///   - buildID: The uuid of the build.
    ///   - s3Prefix: The buildspec's `s3-prefix`, which counts with namespace BUILD_ID only.
    /// - Returns: A key without slashes at its start and without empty components; empty for the root of the bucket.
    package func key(name: String, buildID: String, s3Prefix: String? = nil) -> String {
        var parts: [String] = []
        if namespaceType == .buildID, let s3Prefix { parts.append(s3Prefix) }
        parts.append(path)
        if namespaceType == .buildID { parts.append(buildID) }
        parts.append(name)
        return parts.flatMap { $0.split(separator: "/") }.joined(separator: "/")
    }
}

/// An output artifact of a pipeline's action: the pipeline decides where it is stored, always as one zip
/// (behaviour reference, section 6.7).
package struct PipelineOutput: Sendable, Hashable {
    /// Its name in the pipeline.
    package var name: String
    /// The whole key of its object: neither prefix nor namespace is added.
    package var objectKey: String

    /// Names an output artifact.
    package init(name: String, objectKey: String) {
        self.name = name
        self.objectKey = objectKey
    }
}
