import FoundationEssentials
import TestSupport
import Testing

@testable import AWSClient

/// Hosts of services, compared with the rules that the AWS SDK for Python carries.
@Suite struct EndpointTests {
    /// The services, by the names of that SDK.
    private static let services: [String: AWSService] = [
        "s3": .s3, "kms": .kms, "sts": .sts, "ssm": .ssm, "secretsmanager": .secretsManager,
        "codepipeline": .codePipeline, "logs": .cloudWatchLogs, "codebuild": .codeBuild,
        "events": .eventBridge, "sso": .sso, "sso-oidc": .ssoOIDC,
    ]
    private static let regions = [
        "us-east-1", "eu-central-1", "ap-southeast-3", "cn-north-1", "cn-northwest-1", "us-gov-west-1",
        "us-gov-east-1", "us-iso-east-1", "us-isob-east-1", "eusc-de-east-1",
    ]

    @Test func `are those of the AWS SDKs in every partition`() async throws {
        let input = [Array(Self.services.keys), Self.regions]
        let text = try await PythonEnvironment().run(
            Self.script, input: String(decoding: try JSONEncoder().encode(input), as: UTF8.self))
        let expected = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
        #expect(expected.count == Self.services.count * Self.regions.count * 4)
        for fips in ["false", "true"] {
            for dualStack in ["false", "true"] {
                let settings = try await configuration(
                    config: "[default]\nuse_fips_endpoint=\(fips)",
                    environment: ["AWS_USE_DUALSTACK_ENDPOINT": dualStack])
                for (serviceName, service) in Self.services {
                    for region in Self.regions {
                        let name = "\(serviceName) \(region) \(fips) \(dualStack)"
                        let host = try? settings.endpoint(for: service, region: region).host
                        #expect(host ?? "none" == expected[name], "\(name)")
                    }
                }
            }
        }
    }

    @Test func `a switch is true or false`() async throws {
        let settings = try await configuration(environment: ["AWS_USE_FIPS_ENDPOINT": "yes"])
        #expect(throws: AWSError.self) { try settings.endpoint(for: .kms, region: "us-east-1") }
    }

    private static let script = """
        import json, sys
        import botocore.session
        from botocore.endpoint_provider import EndpointProvider
        loader = botocore.session.get_session().get_component("data_loader")
        partitions = loader.load_data("partitions")
        services, regions = json.load(sys.stdin)
        found = {}
        for service in services:
            provider = EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)
            for region in regions:
                for fips in (False, True):
                    for dual in (False, True):
                        given = dict(Region=region, UseFIPS=fips, UseDualStack=dual)
                        if service == "s3":
                            given.update(ForcePathStyle=True, Accelerate=False, UseGlobalEndpoint=False, Bucket="b.c")
                        try:
                            url = provider.resolve_endpoint(**given).url
                            host = url.removeprefix("https://").partition("/")[0]
                        except botocore.exceptions.BotoCoreError:
                            host = "none"
                        found[f"{service} {region} {str(fips).lower()} {str(dual).lower()}"] = host
        print(json.dumps(found))
        """
}
