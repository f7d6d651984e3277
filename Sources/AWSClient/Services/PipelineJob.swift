/// A job as PollForJobs and GetJobDetails tell it (behaviour reference, section 11.2).
package struct PipelineJob: Sendable {
    /// The job's name: a lower-case UUID.
    package let id: String
    /// What AcknowledgeJob wants back; nil in an answer of GetJobDetails.
    package let nonce: String?
    /// The account of the pipeline.
    package let accountID: String?
    /// What is to be done.
    package let data: Data

    /// `data`: what is to be done.
    package struct Data: Sendable {
        /// `actionConfiguration.configuration`; values may be secret.
        package let configuration: [String: String]
        /// Where in which pipeline.
        package let pipelineContext: PipelineContext?
        /// What earlier actions made, in the action's order.
        package let inputArtifacts: [Artifact]
        /// What this action has to make.
        package let outputArtifacts: [Artifact]
        /// The only identity that may be used for the artifacts; without an end: ask anew before an hour has passed.
        package let artifactCredentials: Credentials?
        /// The KMS key of the pipeline's artifacts.
        ///
        /// Its id, ARN or alias; without one, the account's own key for S3.
        package let encryptionKeyID: String?
        /// What an earlier job of the same action left.
        package let continuationToken: String?
    }

    /// `pipelineContext`: where a job comes from.
    package struct PipelineContext: Sendable, Hashable {
        /// The pipeline's name.
        package let pipelineName: String?
        /// The stage's name.
        package let stageName: String?
        /// The action's name.
        package let actionName: String?
        /// The pipeline's ARN.
        package let pipelineARN: String?
        /// Which run of the pipeline.
        package let pipelineExecutionID: String?
    }

    /// An artifact and where it is kept.
    package struct Artifact: Sendable, Hashable {
        /// Its name in the pipeline.
        package let name: String
        /// What produced it: a commit, say.
        package let revision: String?
        /// `location.s3Location.bucketName`.
        package let bucket: String
        /// `location.s3Location.objectKey`.
        package let key: String
    }
}

/// The answers' JSON.
struct PipelineJobDocument: Decodable {
    var id: String
    var nonce: String?
    var accountId: String?
    var data: JobData?

    struct JobData: Decodable {
        var actionConfiguration: ActionConfiguration?
        var pipelineContext: Context?
        var inputArtifacts: [Artifact]?
        var outputArtifacts: [Artifact]?
        var artifactCredentials: Secrets?
        var encryptionKey: Key?
        var continuationToken: String?
    }

    struct ActionConfiguration: Decodable { var configuration: [String: String]? }

    struct Name: Decodable { var name: String? }

    struct Context: Decodable {
        var pipelineName: String?
        var stage: Name?
        var action: Name?
        var pipelineArn: String?
        var pipelineExecutionId: String?
    }

    struct Artifact: Decodable {
        var name: String
        var revision: String?
        var location: Location?
    }

    struct Location: Decodable { var s3Location: S3Location? }

    struct S3Location: Decodable {
        var bucketName: String
        var objectKey: String
    }

    struct Secrets: Decodable {
        var accessKeyId: String
        var secretAccessKey: String
        var sessionToken: String?
    }

    struct Key: Decodable { var id: String }

    /// The job, or nil when an artifact is kept elsewhere than in S3, which the service does not do today.
    var job: PipelineJob? {
        guard let inputs = artifacts(data?.inputArtifacts), let outputs = artifacts(data?.outputArtifacts)
        else {
            return nil
        }
        let context = data?.pipelineContext.map {
            PipelineJob.PipelineContext(
                pipelineName: $0.pipelineName, stageName: $0.stage?.name, actionName: $0.action?.name,
                pipelineARN: $0.pipelineArn, pipelineExecutionID: $0.pipelineExecutionId)
        }
        let credentials = data?.artifactCredentials.map {
            Credentials(
                accessKeyID: $0.accessKeyId, secretAccessKey: $0.secretAccessKey,
                sessionToken: $0.sessionToken,
                source: "the job's artifactCredentials")
        }
        return PipelineJob(
            id: id, nonce: nonce, accountID: accountId,
            data: PipelineJob.Data(
                configuration: data?.actionConfiguration?.configuration ?? [:], pipelineContext: context,
                inputArtifacts: inputs, outputArtifacts: outputs, artifactCredentials: credentials,
                encryptionKeyID: data?.encryptionKey?.id, continuationToken: data?.continuationToken))
    }

    private func artifacts(_ documents: [Artifact]?) -> [PipelineJob.Artifact]? {
        var artifacts: [PipelineJob.Artifact] = []
        for document in documents ?? [] {
            guard let location = document.location?.s3Location else { return nil }
            artifacts.append(
                PipelineJob.Artifact(
                    name: document.name, revision: document.revision, bucket: location.bucketName,
                    key: location.objectKey))
        }
        return artifacts
    }
}
