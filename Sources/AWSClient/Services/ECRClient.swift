/// Elastic Container Registry: only what pins an image.
package struct ECRClient: Sendable {
    private let context: ServiceContext

    /// A client over a context of `.ecr`.
    package init(context: ServiceContext) {
        self.context = context
    }

    /// The digest of an image (BatchGetImage, for which whoever may pull has the permission).
    ///
    /// - Parameters:
    ///   - repository: the repository's name.
    ///   - tag: the tag; or
    ///   - digest: the digest, to learn whether it is there.
    ///   - account: the registry's account.
    /// - Returns: `sha256:...`; nil when the repository has no such image.
    /// - Throws: `AWSError`; an unknown repository is the service's `RepositoryNotFoundException`.
    package func digest(
        repository: String, tag: String?, digest: String?, account: String
    ) async throws(AWSError) -> String? {
        let input = Input(
            registryId: account, repositoryName: repository,
            imageIds: [Identifier(imageTag: digest == nil ? tag : nil, imageDigest: digest)],
            acceptedMediaTypes: RegistryClient.manifestTypes)
        let output: Output = try await context.callJSON(
            "BatchGetImage", targetPrefix: "AmazonEC2ContainerRegistry_V20150921", input, resource: repository
        )
        return output.images?.first?.imageId?.imageDigest
    }

    private struct Identifier: Codable {
        var imageTag: String?
        var imageDigest: String?
    }

    private struct Input: Encodable {
        var registryId: String
        var repositoryName: String
        var imageIds: [Identifier]
        var acceptedMediaTypes: [String]
    }

    private struct Output: Decodable {
        struct Image: Decodable {
            var imageId: Identifier?
        }
        var images: [Image]?
    }
}

extension AWSService {
    /// Elastic Container Registry.
    package static let ecr = AWSService(identifier: "ecr", endpointPrefix: "api.ecr", signingName: "ecr")
}
