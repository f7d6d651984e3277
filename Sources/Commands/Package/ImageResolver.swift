import AWSClient
import ArgumentParser
import Glibc
import Packaging
import SystemPackage

/// Whether images are pinned, and how AWS is reached for it.
struct ImageResolvingOptions: ParsableArguments {
    @Flag(help: "Ask the registry for each image's digest, and write that instead of the tag.")
    var resolve = false

    @OptionGroup(title: "AWS, for images in Amazon ECR")
    var aws: AWSOptions

    /// The images, pinned if that is wanted.
    ///
    /// - Throws: ``CommandFailure``
    func resolve(_ images: [ImageURI]) async throws(CommandFailure) -> [ImageURI] {
        guard resolve else { return images }
        let resolver = ImageResolver(environment: RunnerEnvironment.current, aws: AWSRequest(aws))
        let (result, signal) = await Interruption.watch { () -> Result<[ImageURI], CommandFailure> in
            do throws(CommandFailure) {
                return .success(try await resolver.pin(images))
            } catch {
                return .failure(error)
            }
        }
        if let signal { throw CommandFailure(signal: signal) }
        return try result.get()
    }
}

/// Finds the digests of images where they are: in Amazon ECR, or in any registry.
struct ImageResolver: Sendable {
    var environment: RunnerEnvironment
    var aws: AWSRequest

    /// The images with their digests, in order.
    ///
    /// - Throws: ``CommandFailure``: status `failed` for an image that does not exist.
    func pin(_ images: [ImageURI]) async throws(CommandFailure) -> [ImageURI] {
        do {
            let configuration = try AWSConfiguration(
                environment: environment.variables, overrides: aws.overrides)
            return try await withAWSSession(configuration) { session in
                var known: [ImageURI: ImageURI] = [:]
                for image in images where known[image] == nil { known[image] = try await pin(image, session) }
                return images.map { known[$0] ?? $0 }
            }
        } catch let error as AWSError {
            throw CommandFailure(.runner, error.description, hint: error.hint)
        } catch let error as PackagingError {
            throw CommandFailure(error)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(.runner, "\(error)")
        }
    }

    private func pin(_ image: ImageURI, _ session: AWSSession) async throws -> ImageURI {
        let parts = image.parts
        let digest: String?
        if let registry = parts.registry, let place = ECRPlace(host: registry) {
            digest = try await self.digest(of: image, in: place, session)
        } else {
            // Docker Hub has an address of its own, and its own images a directory.
            let isHub = parts.registry == nil || parts.registry == "docker.io"
            let host = isHub ? "registry-1.docker.io" : parts.registry ?? ""
            let isOfficial = isHub && !parts.repository.contains("/")
            let client = try RegistryClient(session: session, host: host, login: login(host))
            digest = try await client.digest(
                repository: isOfficial ? "library/" + parts.repository : parts.repository,
                reference: parts.digest ?? parts.tag ?? "latest")
        }
        guard let digest else {
            throw CommandFailure(
                .failed, "\(image): the registry has no such image", hint: "push it first, or check the tag")
        }
        if let wanted = parts.digest, wanted != digest {
            throw CommandFailure(.failed, "\(image): the registry names it \(digest)")
        }
        return try image.pinned(to: digest)
    }

    /// Asks Amazon ECR; a repository that is not there is like an image that is not.
    private func digest(
        of image: ImageURI, in place: ECRPlace, _ session: AWSSession
    ) async throws -> String? {
        let parts = image.parts
        do throws(AWSError) {
            let client = ECRClient(context: try session.context(.ecr, region: place.region))
            return try await client.digest(
                repository: parts.repository, tag: parts.tag ?? "latest", digest: parts.digest,
                account: place.account)
        } catch {
            guard error.isService("RepositoryNotFoundException") else { throw error }
            throw CommandFailure(
                .failed,
                "\(image): account \(place.account) has no repository \(parts.repository) in \(place.region)",
                hint: "create it and push the image, or check its name, account and region")
        }
    }

    /// What `docker login` left behind.
    private func login(_ host: String) -> RegistryLogin? {
        let home = environment.variables["HOME"].map { FilePath($0).appending(".docker") }
        guard let directory = environment.variables["DOCKER_CONFIG"].map({ FilePath($0) }) ?? home,
            let file = try? FileDescriptor.open(
                directory.appending("config.json"),
                FileDescriptor.AccessMode(rawValue: O_RDONLY | O_NONBLOCK | O_CLOEXEC))
        else { return nil }
        defer { try? file.close() }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        guard
            let count = try? bytes.withUnsafeMutableBytes({ try file.read(fromAbsoluteOffset: 0, into: $0) })
        else { return nil }
        return RegistryLogin(host: host, configuration: Array(bytes[..<count]))
    }
}

/// Account and region of a private registry of Amazon ECR.
struct ECRPlace: Hashable {
    var account: String
    var region: String

    /// Reads `<account>.dkr.ecr.<region>.amazonaws.com` and the same for IPv6, `<account>.dkr-ecr.<region>.on.aws`,
    /// with what partitions have in place of the end; nil for other hosts.
    ///
    /// A host that only begins like one is somebody else's.
    init?(host: String) {
        let labels = host.lowercased().split(separator: ".", omittingEmptySubsequences: false).map(
            String.init)
        guard labels.count >= 5, labels[0].utf8.count == 12,
            labels[0].utf8.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        let middle = labels[1] == "dkr" ? 3 : 2
        let service = labels[1..<middle].joined(separator: ".")
        let end = labels[(middle + 1)...].joined(separator: ".")
        switch service {
        case "dkr.ecr", "dkr.ecr-fips":
            guard ["amazonaws.com", "amazonaws.com.cn", "amazonaws.eu"].contains(end) else { return nil }
        case "dkr-ecr", "dkr-ecr-fips":
            guard ["on.aws", "on.amazonwebservices.com.cn"].contains(end) else { return nil }
        default: return nil
        }
        account = labels[0]
        region = labels[middle]
        guard !region.isEmpty else { return nil }
    }
}
