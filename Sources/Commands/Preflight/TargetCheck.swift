import AWSClient

/// Looks at one bucket and at the key that its objects are encrypted with.
struct TargetCheck: Sendable {
    let session: AWSSession
    let target: PreflightTarget
    /// The account that the credentials belong to, where known.
    let account: String?

    /// What a step came to.
    private enum Step: Sendable {
        case known([PreflightFinding])
        /// Whoever may not look may still be allowed to store.
        case undecided([PreflightFinding], instead: PreflightFinding)
    }

    func findings() async -> [PreflightFinding] {
        var findings: [PreflightFinding] = []
        var undecided: PreflightFinding?
        var region: String?
        if let bucket = target.bucket {
            let (step, found) = await look(at: bucket)
            region = found
            add(step, &findings, &undecided)
        }
        if let key = target.key {
            add(await look(at: key, bucketRegion: region), &findings, &undecided)
        }
        guard let undecided, !findings.contains(where: { $0.verdict == .proof }) else { return findings }
        return findings + [await rehearse(instead: undecided)]
    }

    private func add(
        _ step: Step, _ findings: inout [PreflightFinding], _ undecided: inout PreflightFinding?
    ) {
        switch step {
        case .known(let known): findings += known
        case .undecided(let known, let instead):
            findings += known
            undecided = undecided ?? instead
        }
    }

    private func look(at bucket: String) async -> (Step, region: String?) {
        let subject = "bucket \(bucket)"
        do throws(AWSError) {
            let info = try await session.s3().headBucket(bucket)
            return (
                .known([.fine(subject, "it is there" + (info.region.map { ", in \($0)" } ?? ""))]),
                info.region
            )
        } catch {
            switch (error.kind, error.serviceFailure?.status) {
            case (.invalidArgument, _):
                return (.known([.proof(subject, error.reason, hint: error.hint)]), nil)
            case (.configuration, _):
                var finding = PreflightFinding.proof(subject, error.description, hint: error.hint)
                finding.isMisconfigured = true
                return (.known([finding]), nil)
            case (_, 404):
                let finding = PreflightFinding.proof(
                    subject, "NoSuchBucket: the bucket does not exist",
                    hint: "check the bucket's name; it must exist before")
                return (.known([finding]), nil)
            case (_, 403):
                let doubt = PreflightFinding.doubt(
                    subject, "s3:ListBucket is not allowed, so that nobody can say whether it is there")
                return (.undecided([], instead: doubt), nil)
            default: return (.known([.doubt(subject, error.description)]), nil)
            }
        }
    }

    /// The key's own description, and a data key, which is what encryption needs; at the same time.
    private func look(at key: String, bucketRegion: String?) async -> Step {
        let subject = "key \(key)"
        let place = KeyPlace(key)
        if !target.encryptsItself, let bucketRegion, let keyRegion = place.region, keyRegion != bucketRegion {
            return .known([
                .proof(
                    subject, "it is in \(keyRegion), the bucket \(target.bucket ?? "") in \(bucketRegion)",
                    hint: "S3 encrypts with keys of the bucket's own region")
            ])
        }
        let client: KMSClient
        do throws(AWSError) {
            // Names are those of the region where they will be used.
            let region = target.encryptsItself ? nil : place.region ?? bucketRegion
            client = KMSClient(context: try session.context(.kms, region: region))
        } catch {
            return .known([.proof(subject, error.reason, hint: error.hint)])
        }
        async let described = Self.describe(key, client)
        let isOnlyLookedAt = place.isManagedByAWS || target.isFurtherKey
        async let refused = isOnlyLookedAt ? nil : Self.refusal(key, target.encryptionContext, client)
        let (description, refusal) = await (described, refused)
        if let problem = Self.problem(description) {
            return .known([.proof(subject, problem.0, hint: problem.1)])
        }
        guard let refusal else {
            let name = (try? description.get())?.arn
            if target.isFurtherKey, name == nil {
                return .known([
                    .doubt(subject, "kms:DescribeKey is not allowed, so that it cannot be looked at")
                ])
            }
            return .known([
                .fine(subject, name.map { "it is there, and may be used (\($0))" } ?? "it may be used")
            ])
        }
        return judge(refusal, subject, place)
    }

    private func judge(_ refusal: AWSError, _ subject: String, _ place: KeyPlace) -> Step {
        guard let failure = refusal.serviceFailure, !refusal.mayPass else {
            return .known([.doubt(subject, refusal.description)])
        }
        let proof = PreflightFinding.proof(subject, refusal.reason, hint: refusal.hint)
        // Policies often allow a key to S3 alone (kms:ViaService), and other accounts' keys are S3's to find.
        let isForeign = place.account != nil && place.account != account
        switch failure.code {
        case "DisabledException", "KMSInvalidStateException", "InvalidKeyUsageException":
            return .known([proof])
        case "NotFoundException", "InvalidArnException", "ValidationException":
            if target.encryptsItself || !isForeign { return .known([proof]) }
        case let code where code.hasPrefix("AccessDenied"):
            if target.encryptsItself { return .known([proof]) }
        default: return .known([.doubt(subject, refusal.description)])
        }
        let doubt = PreflightFinding.doubt(subject, refusal.description, hint: refusal.hint)
        return .undecided([], instead: doubt)
    }

    /// What S3 says of an object like the one to come.
    private func rehearse(instead doubt: PreflightFinding) async -> PreflightFinding {
        guard let bucket = target.bucket else { return doubt }
        do throws(AWSError) {
            let place = try ObjectLocation(bucket: bucket, key: target.objectKey)
            try await session.s3().rehearseUpload(to: place, attributes: target.attributes)
            return .fine("upload to \(bucket)", "S3 allows it")
        } catch {
            guard let failure = error.serviceFailure, !error.mayPass else { return doubt }
            let isProof = failure.status == 403 || failure.status == 404 || failure.code.hasPrefix("KMS.")
            guard isProof, error.subject.contains("CreateMultipartUpload") else { return doubt }
            return .proof(doubt.subject, error.reason, hint: error.hint)
        }
    }

    private static func describe(_ key: String, _ client: KMSClient) async -> Result<KeyDescription, AWSError>
    {
        do throws(AWSError) {
            return .success(try await client.describeKey(key))
        } catch {
            return .failure(error)
        }
    }

    /// Why no data key can be made; nil when one was.
    private static func refusal(
        _ key: String, _ context: [String: String], _ client: KMSClient
    ) async -> AWSError? {
        do throws(AWSError) {
            _ = try await client.generateDataKey(
                keyID: key, length: 32, encryptionContext: context)
            return nil
        } catch {
            return error
        }
    }

    private static func problem(_ description: Result<KeyDescription, AWSError>) -> (String, String)? {
        guard let key = try? description.get() else { return nil }
        if let specification = key.specification, specification != "SYMMETRIC_DEFAULT" {
            return ("it is a key of type \(specification)", "artifacts need a symmetric encryption key")
        }
        switch key.state {
        case "Disabled": return ("it is disabled", "enable the KMS key, or name another")
        case "PendingDeletion", "PendingReplicaDeletion":
            return ("it is pending deletion", "cancel the deletion of the KMS key, or name another")
        case "PendingImport": return ("its key material is not imported", "import it, or name another key")
        default: return nil
        }
    }
}

/// What a key's name says of where it is.
struct KeyPlace: Sendable, Hashable {
    /// The region of an ARN.
    var region: String?
    /// The account of an ARN.
    var account: String?
    /// Whether it is one of AWS's own, which only its service may use.
    var isManagedByAWS: Bool

    init(_ name: String) {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 6, parts[0] == "arn", parts[2] == "kms" {
            (region, account) = (parts[3], parts[4])
        }
        isManagedByAWS = (parts.last ?? "").hasPrefix("alias/aws/")
    }
}
