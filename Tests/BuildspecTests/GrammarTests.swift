import Buildspec
import Testing

@Suite struct GrammarTests {
    @Test(
        arguments: [
            ("ABORT", OnFailure.abort), ("abort", .abort), ("Continue", .continue),
            ("RETRY", .retry(count: 3, pattern: ".*")),
            ("retry-0", .retry(count: 0, pattern: ".*")),
            ("RETRY-100", .retry(count: 100, pattern: ".*")),
            ("RETRY-8-invalid+", .retry(count: 8, pattern: "invalid+")),
            ("RETRY-invalid+", .retry(count: 3, pattern: "invalid+")),
            ("RETRY-5xx", .retry(count: 3, pattern: "5xx")),
            ("RETRY--", .retry(count: 3, pattern: "-")),
            ("RETRY-2--", .retry(count: 2, pattern: "-")),
            ("Retry-.*Error: Unable.*", .retry(count: 3, pattern: ".*Error: Unable.*")),
        ])
    func `reads on-failure`(_ text: String, _ expected: OnFailure) {
        #expect(OnFailure(parsing: text) == expected)
    }

    @Test(arguments: [
        "", "RETRY-", "RETRY-101", "RETRY-5-", "RETRY-99999999999999999999", "ABORTED", "CONTINUE-1", "-",
    ])
    func `refuses on-failure`(_ text: String) {
        #expect(OnFailure(parsing: text) == nil)
    }

    private static let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"

    @Test(
        arguments: [
            ("db", SecretReference(secretID: "db")),
            ("db:key", SecretReference(secretID: "db", jsonKey: "key")),
            (
                "db:key:AWSPREVIOUS",
                SecretReference(secretID: "db", jsonKey: "key", versionStage: "AWSPREVIOUS")
            ),
            ("db::AWSPREVIOUS", SecretReference(secretID: "db", versionStage: "AWSPREVIOUS")),
            ("db:::0f1e", SecretReference(secretID: "db", versionID: "0f1e")),
            ("db:::", SecretReference(secretID: "db")),
            ("team/db:key", SecretReference(secretID: "team/db", jsonKey: "key")),
            (arn, SecretReference(secretID: arn)),
            (arn + ":key", SecretReference(secretID: arn, jsonKey: "key")),
            (arn + ":key::0f1e", SecretReference(secretID: arn, jsonKey: "key", versionID: "0f1e")),
        ])
    func `reads a secret reference`(_ text: String, _ expected: SecretReference) throws {
        #expect(try SecretReference(parsing: text) == expected)
    }

    @Test(
        arguments: [
            ("", InvalidSecretReference.Code.noSecret), (":key", .noSecret), ("a:b:c:d:e", .tooManyParts),
            ("a:b:c:d", .stageAndID), ("arn:aws:secretsmanager", .incompleteARN),
            ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:", .noSecret),
            (arn + ":a:b::c", .tooManyParts),
        ])
    func `refuses a secret reference`(_ text: String, _ code: InvalidSecretReference.Code) {
        let error = #expect(throws: InvalidSecretReference.self) { try SecretReference(parsing: text) }
        #expect(error?.code == code)
    }
}
