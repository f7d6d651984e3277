import AWSClient
import BuildEngine

/// A place where something will be stored, and how it will be encrypted.
struct PreflightTarget: Sendable {
    /// The bucket; nil when only a key is used.
    var bucket: String?
    /// The key of an object that may be stored there.
    var objectKey = ""
    /// The KMS key.
    var key: String?
    /// The role through which the key is used; the session's own identity without one.
    var role: AssumeRoleInput?
    /// Whether the runner itself uses the KMS key, rather than S3.
    var encryptsItself = false
    /// Whether the key only wraps data keys that another key has made, which takes another permission.
    var isFurtherKey = false
    /// What the runner binds data keys to, as policies may want it.
    var encryptionContext: [String: String] = [:]
    /// What objects carry.
    var attributes = ObjectAttributes()

    /// What findings are about.
    var subject: String { bucket.map { "bucket \($0)" } ?? "key \(key ?? "")" }

    /// The places of a request; `beside` is what S3 does beside encryption on the client's side.
    static func all(
        output: RunRequest.Output, encryption: EncryptionPlan.Mode, keys: [RunRequest.Key], project: String,
        beside: ObjectEncryption = .bucketDefault, s3Logs: LogsPlan.S3Logs? = nil,
        logsKey: RunRequest.Key? = nil
    ) -> [PreflightTarget] {
        var targets: [PreflightTarget] = []
        let key = keys.first
        var kms: String?
        var role: AssumeRoleInput?
        if case .kms(let text) = key, let named = try? NamedKMSKey(text) {
            (kms, role) = (named.key, named.role)
        }
        if case .bucket(let bucket, let prefix) = output {
            var target = PreflightTarget(bucket: bucket)
            target.objectKey = (prefix.isEmpty ? "" : prefix + "/") + project + ".zip"
            target.attributes.contentType = "application/zip"
            if encryption == .serverSide { target.attributes.encryption = .kms(keyID: kms) }
            if encryption == .client { target.attributes.encryption = beside }
            // Another identity's key says nothing of the bucket: it is a target of its own.
            if role == nil { target.key = kms }
            target.encryptsItself = encryption == .client
            if encryption == .client { target.encryptionContext = context(project) }
            targets.append(target)
        }
        if let kms, role != nil || targets.isEmpty {
            var target = PreflightTarget(key: kms)
            target.role = role
            target.encryptsItself = true
            target.encryptionContext = context(project)
            targets.append(target)
        }
        for case .kms(let text) in keys.dropFirst() {
            guard let named = try? NamedKMSKey(text) else { continue }
            var target = PreflightTarget(key: named.key)
            target.role = named.role
            target.encryptsItself = true
            target.isFurtherKey = true
            targets.append(target)
        }
        if let s3Logs {
            var target = PreflightTarget(bucket: s3Logs.bucket)
            target.objectKey = s3Logs.key(uuid: "00000000-0000-0000-0000-000000000000")
            target.attributes = ObjectAttributes(ofLogs: s3Logs, key: logsKey)
            // A key that seals artifacts as well is a target of its own.
            if keys.isEmpty, !s3Logs.isEncryptionDisabled, case .kms(let text) = logsKey { target.key = text }
            targets.append(target)
        }
        return targets
    }

    /// What a sealed artifact is bound to, as far as it is known before the build.
    private static func context(_ project: String) -> [String: String] {
        ["codebuild-project": project, "codebuild-artifact": "primary", "codebuild-buildarn": "preflight"]
    }
}
