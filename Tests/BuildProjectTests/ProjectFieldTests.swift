import BuildProject
import Testing

@Suite("Fields of a project")
struct ProjectFieldTests {
    /// Every field of the behaviour reference, sections 10.1 to 10.7, with a value that is not its default.
    static let fields: [String] = [
        #""name": "n""#, #""description": "d""#, #""sourceVersion": "v""#,
        #""secondarySources": [{"type": "S3", "location": "b/k", "sourceIdentifier": "i"}]"#,
        #""secondaryArtifacts": [{"type": "S3", "location": "b", "artifactIdentifier": "i"}]"#,
        #""cache": {"type": "S3", "location": "b/p"}"#,
        #""cache": {"type": "LOCAL", "modes": ["LOCAL_SOURCE_CACHE"]}"#,
        #""cache": {"cacheNamespace": "n"}"#, #""serviceRole": "arn:r""#, #""timeoutInMinutes": 7"#,
        #""queuedTimeoutInMinutes": 7"#, #""encryptionKey": "alias/k""#,
        #""tags": [{"key": "k", "value": "v"}]"#,
        #""vpcConfig": {"vpcId": "v", "subnets": ["s"], "securityGroupIds": ["g"]}"#,
        #""badge": {"badgeEnabled": true}"#,
        #""badgeEnabled": true"#, #""logsConfig": {"cloudWatchLogs": {"status": "DISABLED"}}"#,
        #""logsConfig": {"cloudWatchLogs": {"groupName": "g"}}"#,
        #""logsConfig": {"cloudWatchLogs": {"streamName": "s"}}"#,
        #""logsConfig": {"s3Logs": {"status": "ENABLED"}}"#,
        #""logsConfig": {"s3Logs": {"location": "b/p"}}"#,
        #""logsConfig": {"s3Logs": {"encryptionDisabled": true}}"#,
        #""logsConfig": {"s3Logs": {"bucketOwnerAccess": "FULL"}}"#,
        #""fileSystemLocations": [{"type": "EFS", "location": "d:/", "mountPoint": "/m", "identifier": "i"}]"#,
        #""buildBatchConfig": {"serviceRole": "r", "combineArtifacts": true}"#, #""concurrentBuildLimit": 3"#,
        #""projectVisibility": "PUBLIC_READ""#, #""visibility": "PUBLIC_READ""#,
        #""resourceAccessRole": "r""#,
        #""autoRetryLimit": 2"#, #""webhook": {}"#, #""triggers": {"webhook": true}"#,
        #""invented": 1"#,
    ]

    static let sourceFields: [String] = [
        #""location": "https://h/r""#, #""gitCloneDepth": 3"#,
        #""gitSubmodulesConfig": {"fetchSubmodules": true}"#,
        #""buildspec": "b.yml""#, #""auth": {"type": "OAUTH", "resource": "r"}"#,
        #""reportBuildStatus": true"#,
        #""buildStatusConfig": {"context": "c", "targetUrl": "u"}"#, #""insecureSsl": true"#,
        #""sourceIdentifier": "i""#,
        #""invented": 1"#,
    ]

    static let artifactFields: [String] = [
        #""location": "b""#, #""path": "p""#, #""namespaceType": "BUILD_ID""#, #""name": "n""#,
        #""packaging": "ZIP""#,
        #""overrideArtifactName": true"#, #""encryptionDisabled": true"#, #""artifactIdentifier": "i""#,
        #""bucketOwnerAccess": "READ_ONLY""#, #""invented": 1"#,
    ]

    static let environmentFields: [String] = [
        #""type": "ARM_CONTAINER""#, #""image": "i""#, #""computeType": "BUILD_GENERAL1_LARGE""#,
        #""environmentVariables": [{"name": "A", "value": "b"}]"#, #""privilegedMode": true"#,
        #""imagePullCredentialsType": "SERVICE_ROLE""#, #""registryCredential": {"credential": "c"}"#,
        #""certificate": "b/k.pem""#, #""fleet": {"fleetArn": "a"}"#, #""computeConfiguration": {"vCpu": 4}"#,
        #""dockerServer": {"computeType": "c"}"#, #""invented": 1"#,
    ]

    private func lines(
        source: String = "", artifacts: String = "", environment: String = "", top: String = ""
    ) throws -> String {
        func and(_ field: String) -> String { field.isEmpty ? "" : ", " + field }
        let text = """
            {"source": {"type": "GITHUB"\(and(source))}, "artifacts": {"type": "S3"\(and(artifacts))},
            "environment": {\(environment)}\(and(top))}
            """
        let project = try ProjectDocument(Array(text.utf8), file: "p.json").project(
            named: nil, TemplateInputs())
        return ProjectLines(project).text + "\(project.logsConfig?.s3BucketOwnerAccess?.rawValue ?? "-")"
    }

    @Test("every field of a project is taken or told", arguments: fields)
    func top(_ field: String) throws { #expect(try lines(top: field) != lines()) }

    @Test("every field of a source is taken or told", arguments: sourceFields)
    func source(_ field: String) throws { #expect(try lines(source: field) != lines()) }

    @Test("every field of an artifact is taken or told", arguments: artifactFields)
    func artifacts(_ field: String) throws { #expect(try lines(artifacts: field) != lines()) }

    @Test("every field of an environment is taken or told", arguments: environmentFields)
    func environment(_ field: String) throws { #expect(try lines(environment: field) != lines()) }
}
