import Crypto
import NIOHTTP1

extension StoredObject {
    init(_ headers: HTTPHeaders, size: Int64) {
        self.init(
            etag: headers.value("etag"), versionID: headers.value("x-amz-version-id"), size: size,
            encryption: headers.value("x-amz-server-side-encryption"),
            kmsKeyID: headers.value("x-amz-server-side-encryption-aws-kms-key-id"))
    }
}

extension [UInt8] {
    /// The SHA-256 digest of these bytes.
    var sha256: [UInt8] { Array(SHA256.hash(data: self)) }
}
