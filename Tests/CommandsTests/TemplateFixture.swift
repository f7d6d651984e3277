import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// A template `t.yaml` of one function with the code `src`, and a bucket.
struct TemplateFixture {
    let project: TestProject
    let moto: MotoServer
    let bucket: String

    func write(_ resource: String) throws {
        try project.scratch.write("Resources:\n  F:\n\(resource)\n", to: "app/t.yaml")
    }

    func package(
        _ options: [String] = [], environment: [String: String] = [:]
    ) async throws -> Program.Outcome {
        let isElsewhere = options.contains("--s3-bucket")
        return try await project.buildspec(
            ["package", "template", "t.yaml", "-o", "out.yaml"]
                + (isElsewhere ? [] : ["--s3-bucket", bucket])
                + options,
            environment: moto.environment.merging(environment) { $1 })
    }

    func keys() async throws -> [String] {
        let contents = try await moto.contents(of: bucket)
        return contents.split(separator: "|", omittingEmptySubsequences: false)[0].split(separator: ",")
            .map(String.init)
    }

    /// What is in the bucket, and how it is encrypted.
    func objects() async throws -> String {
        try await moto.boto3(
            """
            s3, bucket = boto3.client('s3'), sys.argv[1]
            for item in s3.list_objects_v2(Bucket=bucket).get('Contents', []):
                head = s3.head_object(Bucket=bucket, Key=item['Key'])
                print(item['Key'], head.get('ServerSideEncryption'), head.get('SSEKMSKeyId'))
            """, arguments: [bucket])
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: project.directory.appending(name).string)
    }
}

func withTemplate<R>(
    bucket: String = "templates-\(UInt64.random(in: 0 ... .max))",
    _ body: (TemplateFixture) async throws -> R
) async throws -> R {
    let moto = try MotoServer.required()
    _ = try await moto.makeBucket(bucket)
    return try await withProject { project in
        let fixture = TemplateFixture(project: project, moto: moto, bucket: bucket)
        try fixture.write("    Type: AWS::Lambda::Function\n    Properties: {Code: src, Handler: app.x}")
        try project.scratch.write("x=1\n", to: "app/src/app.py")
        return try await body(fixture)
    }
}
