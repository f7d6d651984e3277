import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// An artifact of one small file, and one of a size.
func artifactBuildspec(bytes: Int? = nil) -> String {
    let make = bytes.map { "head -c \($0) /dev/urandom > out.bin" } ?? "echo content > out.bin"
    return commands(make) + "artifacts:\n  files: [out.bin]\n"
}

/// What boto3 says about an object.
struct StoredObject: Decodable {
    var encryption: String?
    var key: String?
    var contentType: String
    var metadata: [String: String]
    var md5: String
    var sha256: String
    var size: Int
    var etag: String

    /// Fetches it; with `file`, its content goes there.
    static func fetch(
        _ moto: MotoServer, _ bucket: String, _ key: String, to file: String = ""
    ) async throws -> Self {
        let text = try await moto.boto3(
            """
            import hashlib
            o = client("s3").get_object(Bucket=sys.argv[1], Key=sys.argv[2])
            b = o["Body"].read()
            if sys.argv[3]: open(sys.argv[3], "wb").write(b)
            print(json.dumps(dict(encryption=o.get("ServerSideEncryption"), key=o.get("SSEKMSKeyId"),
                contentType=o["ContentType"], metadata=o["Metadata"], size=len(b), etag=o["ETag"],
                md5=hashlib.md5(b).hexdigest(), sha256=hashlib.sha256(b).hexdigest())))
            """, arguments: [bucket, key, file])
        return try JSONDecoder().decode(Self.self, from: Data(text.utf8))
    }
}

extension MotoServer {
    /// Makes a bucket, and a KMS key with the alias `alias/<bucket>`.
    /// - Returns: the key's ARN.
    func makeBucket(_ name: String) async throws -> String {
        try await boto3(
            """
            client("s3").create_bucket(Bucket=sys.argv[1],
                CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
            key = client("kms").create_key()["KeyMetadata"]["Arn"]
            client("kms").create_alias(AliasName="alias/" + sys.argv[1], TargetKeyId=key)
            print(key, end="")
            """, arguments: [name])
    }

    /// Keys of objects and of unfinished uploads in a bucket.
    func contents(of bucket: String) async throws -> String {
        try await boto3(
            """
            s = client("s3")
            print(",".join(o["Key"] for o in s.list_objects_v2(Bucket=sys.argv[1]).get("Contents", [])),
                  ",".join(u["Key"] for u in s.list_multipart_uploads(Bucket=sys.argv[1]).get("Uploads", [])),
                  sep="|", end="")
            """, arguments: [bucket])
    }
}
