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
    /// IAM Identity Center, which hands out a role's credentials for a sign-in.
    static let sso = AWSService(identifier: "sso", endpointPrefix: "portal.sso", signingName: "awsssoportal")
    /// IAM Identity Center's OpenID Connect, which renews a sign-in.
    static let ssoOIDC = AWSService(
        identifier: "sso_oidc", endpointPrefix: "oidc", signingName: "sso-oauth")
    /// CodePipeline.
    package static let codePipeline = AWSService(identifier: "codepipeline", endpointPrefix: "codepipeline")
    /// CloudWatch Logs.
    package static let cloudWatchLogs = AWSService(identifier: "cloudwatch_logs", endpointPrefix: "logs")
    /// EventBridge.
    package static let eventBridge = AWSService(identifier: "eventbridge", endpointPrefix: "events")
    /// CodeBuild.
    package static let codeBuild = AWSService(identifier: "codebuild", endpointPrefix: "codebuild")
}

extension AWSService {
    /// Whether the service's ordinary hosts are its FIPS hosts: so it is for some in GovCloud.
    fileprivate func isAlwaysFIPS(_ partition: String, _ isDualStack: Bool) -> Bool {
        guard partition == "aws-us-gov" else { return false }
        return endpointPrefix == "events"
            || !isDualStack && ["sts", "ssm", "logs", "portal.sso", "oidc"].contains(endpointPrefix)
    }

    /// Whether the service's dual-stack hosts are its ordinary ones.
    fileprivate func lacksDualStackDomain(_ partition: String, _ isFIPS: Bool) -> Bool {
        guard self == .secretsManager else { return false }
        return ["aws", "aws-us-gov"].contains(partition) || partition == "aws-cn" && !isFIPS
    }
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
        return ServiceEndpoint(host: try regionalHost(service, region))
    }

    /// The region's own host, or its FIPS or dual-stack variant (`AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT`).
    private func regionalHost(_ service: AWSService, _ region: String) throws(AWSError) -> String {
        let isFIPS = try isOn("use_fips_endpoint")
        let isDualStack = try isOn("use_dualstack_endpoint")
        let partition = Self.partition(region: region)
        if service == .s3 {
            if isFIPS && partition == "aws-cn" {
                throw AWSError(
                    .configuration, "AWS region \(region)", "S3 has no FIPS endpoints in \(partition)",
                    hint: "unset AWS_USE_FIPS_ENDPOINT and use_fips_endpoint")
            }
            let middle = isDualStack ? ".dualstack" : ""
            return "s3\(isFIPS ? "-fips" : "")\(middle).\(region).\(Self.domain(region: region))"
        }
        let prefix =
            service.endpointPrefix + (isFIPS && !service.isAlwaysFIPS(partition, isDualStack) ? "-fips" : "")
        let usesDualStackDomain = isDualStack && !service.lacksDualStackDomain(partition, isFIPS)
        return "\(prefix).\(region)."
            + (usesDualStackDomain ? Self.dualStackDomain(region: region) : Self.domain(region: region))
    }

    private func isOn(_ setting: String) throws(AWSError) -> Bool {
        let name = "AWS_" + setting.uppercased()
        guard let text = variable(name) ?? profile[setting], !text.isEmpty else { return false }
        switch text.lowercased() {
        case "true": return true
        case "false": return false
        default:
            throw AWSError(
                .configuration, variable(name) == nil ? setting : name,
                "\(String(text.prefix(32)).debugDescription) is neither true nor false")
        }
    }

    /// The DNS suffix of the partition a region belongs to.
    static func domain(region: String) -> String {
        partitions.first { region.hasPrefix($0.regions) }?.domain ?? "amazonaws.com"
    }

    /// The partition a region belongs to, as ARNs name it.
    package static func partition(region: String) -> String {
        partitions.first { region.hasPrefix($0.regions) }?.name ?? "aws"
    }

    private static func dualStackDomain(region: String) -> String {
        partitions.first { region.hasPrefix($0.regions) }?.dualStack ?? "api.aws"
    }

    private struct Partition {
        var regions: String
        var name: String
        var domain: String
        var dualStack: String
    }

    // As the AWS SDKs' partitions.json has it; all other regions are those of `aws`.
    private static let partitions = [
        Partition(
            regions: "cn-", name: "aws-cn", domain: "amazonaws.com.cn",
            dualStack: "api.amazonwebservices.com.cn"),
        Partition(regions: "us-gov-", name: "aws-us-gov", domain: "amazonaws.com", dualStack: "api.aws"),
        Partition(regions: "us-iso-", name: "aws-iso", domain: "c2s.ic.gov", dualStack: "api.aws.ic.gov"),
        Partition(
            regions: "us-isob-", name: "aws-iso-b", domain: "sc2s.sgov.gov", dualStack: "api.aws.scloud"),
        Partition(
            regions: "us-isof-", name: "aws-iso-f", domain: "csp.hci.ic.gov",
            dualStack: "api.aws.hci.ic.gov"),
        Partition(
            regions: "eu-isoe-", name: "aws-iso-e", domain: "cloud.adc-e.uk",
            dualStack: "api.cloud-aws.adc-e.uk"),
        Partition(
            regions: "eusc-", name: "aws-eusc", domain: "amazonaws.eu",
            dualStack: "api.amazonwebservices.eu"),
    ]

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
