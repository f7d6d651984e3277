import AWSAdapters
import AWSClient
import BuildEngine
import PipelineWorker

/// Looks, while a job's source is fetched, at what the end of its build will need: before the first command runs it is
/// known that role, buckets and key can be used.
struct JobGate: Sendable {
    /// The project's role, if it has one.
    var role: (arn: String, session: AWSSession)?
    /// The job's own identity.
    var artifacts: AWSSession
    /// Where artifacts will be stored.
    var outputs: [PipelineJob.Artifact]
    /// The key they will be encrypted with; nil for S3's own.
    var keyID: String?
    /// For all of it; a service that does not answer proves nothing.
    var limit: Duration = .seconds(10)

    /// What stands in the way; nil when nothing is proven to.
    func look() async -> JobFault? {
        await withTaskGroup(of: Finding.self) { group in
            var awaited = firstOfEachBucket.count
            if let role {
                awaited += 1
                group.addTask { .seen(await assume(role.arn, role.session)) }
            }
            for output in firstOfEachBucket { group.addTask { .seen(await rehearse(output)) } }
            group.addTask {
                try? await Task.sleep(for: limit)
                return .outOfTime
            }
            defer { group.cancelAll() }
            while awaited > 0, case .seen(let fault)? = await group.next() {
                if let fault { return fault }
                awaited -= 1
            }
            return nil
        }
    }

    private enum Finding: Sendable {
        case seen(JobFault?)
        case outOfTime
    }

    private var firstOfEachBucket: [PipelineJob.Artifact] {
        var seen: Set<String> = []
        return outputs.filter { seen.insert($0.bucket).inserted }
    }

    private func assume(_ arn: String, _ session: AWSSession) async -> JobFault? {
        do throws(AWSError) {
            _ = try await session.credentials.credentials()
            return nil
        } catch {
            guard error.serviceFailure != nil, !error.mayPass else { return nil }
            return JobFault(
                kind: .permissionError,
                message: "the project's serviceRole \(arn) cannot be assumed: \(error.reason)",
                hint:
                    "let the role's trust policy allow sts:AssumeRole to the build host's own role, or correct "
                    + "serviceRole in the project definition")
        }
    }

    /// S3 itself is asked: an upload in parts is begun and aborted.
    private func rehearse(_ output: PipelineJob.Artifact) async -> JobFault? {
        var attributes = ObjectAttributes()
        attributes.contentType = "application/zip"
        attributes.encryption = .kms(keyID: keyID)
        do throws(AWSError) {
            let place = try ObjectLocation(bucket: output.bucket, key: output.key)
            try await artifacts.s3().rehearseUpload(to: place, attributes: attributes)
            return nil
        } catch {
            guard !error.mayPass, !error.subject.contains("Abort") else { return nil }
            guard error.serviceFailure != nil || error.kind == .invalidArgument else { return nil }
            return Self.fault(error, storing: output, keyID: keyID)
        }
    }

    /// Why an output artifact cannot be stored, and what to change.
    static func fault(
        _ error: AWSError, storing output: PipelineJob.Artifact, keyID: String?
    ) -> JobFault {
        let key = keyID.map { "the key \($0)" } ?? "S3's own key"
        let hint =
            switch error.cause {
            case .permission:
                "the pipeline's role needs s3:PutObject on the bucket, and kms:GenerateDataKey and kms:Decrypt on \(key); "
                    + "a bucket's and a key's own policies must allow it too"
            default: error.hint ?? "check the pipeline's artifactStore: its bucket and its encryptionKey"
            }
        return JobFault(
            kind: .init(error.cause),
            message:
                "the output artifact \(output.name) cannot be stored as s3://\(output.bucket)/\(output.key): "
                + error.reason, hint: hint)
    }
}
