/// A service as the protocols name it.
package struct AWSService: Sendable, Hashable {
    /// How messages and the `AWS_ENDPOINT_URL_` variables call it, lower case with `_`: `secrets_manager`.
    package let identifier: String
    /// The first part of its host name.
    package let endpointPrefix: String
    /// Its name in a signature's scope.
    package let signingName: String

    /// A service by its names; the last two are mostly equal.
    package init(identifier: String, endpointPrefix: String, signingName: String? = nil) {
        self.identifier = identifier
        self.endpointPrefix = endpointPrefix
        self.signingName = signingName ?? endpointPrefix
    }

    /// Amazon S3.
    package static let s3 = AWSService(identifier: "s3", endpointPrefix: "s3")
    /// Key Management Service.
    package static let kms = AWSService(identifier: "kms", endpointPrefix: "kms")
    /// Security Token Service.
    package static let sts = AWSService(identifier: "sts", endpointPrefix: "sts")
    /// Systems Manager, of which Parameter Store is a part.
    package static let ssm = AWSService(identifier: "ssm", endpointPrefix: "ssm")
    /// Secrets Manager.
    package static let secretsManager = AWSService(
        identifier: "secrets_manager", endpointPrefix: "secretsmanager")
    /// CodePipeline.
    package static let codePipeline = AWSService(identifier: "codepipeline", endpointPrefix: "codepipeline")
    /// CloudWatch Logs.
    package static let cloudWatchLogs = AWSService(identifier: "cloudwatch_logs", endpointPrefix: "logs")
    /// EventBridge.
    package static let eventBridge = AWSService(identifier: "eventbridge", endpointPrefix: "events")
    /// CodeBuild.
    package static let codeBuild = AWSService(identifier: "codebuild", endpointPrefix: "codebuild")
}

extension AWSConfiguration {
    /// Where a service answers: `--endpoint-url`, `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, the profile's
    /// `services` section, its `endpoint_url`, and else the region's own host.
    ///
    /// - Throws: `AWSError` (`configuration`) when the configured address is not one, or the region is unusable.
    package func endpoint(for service: AWSService, region: String) throws(AWSError) -> ServiceEndpoint {
        if let (text, origin) = configuredEndpoint(for: service) {
            return try ServiceEndpoint(url: text, origin: origin)
        }
        guard Self.isRegionName(region) else {
            throw AWSError(.configuration, "AWS region", "\(region.debugDescription) is not a region's name")
        }
        return ServiceEndpoint(host: regionalHost(service, region))
    }

    /// The region's own host, or its FIPS or dual-stack variant (`AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT`).
    private func regionalHost(_ service: AWSService, _ region: String) -> String {
        let prefix = service.endpointPrefix + (isOn("use_fips_endpoint") ? "-fips" : "")
        let domain = Self.domain(region: region)
        guard isOn("use_dualstack_endpoint") else { return "\(prefix).\(region).\(domain)" }
        if service == .s3 { return "\(prefix).dualstack.\(region).\(domain)" }
        return "\(prefix).\(region).\(domain == "amazonaws.com" ? "api.aws" : domain)"
    }

    private func isOn(_ setting: String) -> Bool {
        (variable("AWS_" + setting.uppercased()) ?? profile[setting])?.lowercased() == "true"
    }

    /// The DNS suffix of the partition a region belongs to.
    static func domain(region: String) -> String {
        let suffixes = [
            "cn-": "amazonaws.com.cn", "us-iso-": "c2s.ic.gov", "us-isob-": "sc2s.sgov.gov",
            "us-isof-": "csp.hci.ic.gov", "eu-isoe-": "cloud.adc-e.uk", "eusc-": "amazonaws.eu",
        ]
        return suffixes.first { region.hasPrefix($0.key) }?.value ?? "amazonaws.com"
    }

    private func configuredEndpoint(for service: AWSService) -> (String, String)? {
        if let flag = overrides.endpointURL { return (flag, "--endpoint-url") }
        if variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?.lowercased() == "true" { return nil }
        let own = "AWS_ENDPOINT_URL_" + service.identifier.uppercased()
        if let url = variable(own) { return (url, own) }
        if let url = variable("AWS_ENDPOINT_URL") { return (url, "AWS_ENDPOINT_URL") }
        if profile["ignore_configured_endpoint_urls"]?.lowercased() == "true" { return nil }
        if let section = profile["services"],
            let url = shared.services(section)["\(service.identifier).endpoint_url"]
        {
            return (url, "services section \(section)")
        }
        return profile["endpoint_url"].map { ($0, "endpoint_url of profile \(profileName)") }
    }
}
