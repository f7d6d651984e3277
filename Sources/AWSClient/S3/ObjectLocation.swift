/// A bucket and a key.
package struct ObjectLocation: Sendable, Hashable, CustomStringConvertible {
    /// The bucket's bare name, or the ARN of an access point.
    package let bucket: String
    /// The key, 1 to 1,024 bytes of UTF-8.
    package let key: String

    /// A location.
    ///
    /// - Throws: `AWSError` (`invalidArgument`) when S3 could not have such a bucket or key.
    package init(bucket: String, key: String) throws(AWSError) {
        self.bucket = try BucketName.checked(bucket)
        guard (1...1024).contains(key.utf8.count) else {
            throw AWSError(
                .invalidArgument, "s3://\(bucket)/\(key.prefix(80))",
                "a key has 1 to 1,024 bytes, not \(key.utf8.count)")
        }
        self.key = key
    }

    /// `s3://bucket/key`, control characters escaped.
    package var description: String { "s3://\(bucket)/" + key.visible }
}

enum BucketName {
    /// The name itself, or the ARN of an access point.
    ///
    /// - Throws: `AWSError` (`invalidArgument`); letters, digits, `.-_` and 3 to 255 characters are let through, which
    ///   includes the oldest buckets and nothing that could change a host name or a path.
    static func checked(_ name: String) throws(AWSError) -> String {
        if name.hasPrefix("arn:") {
            _ = try AccessPoint(arn: name)
            return name
        }
        let allowed = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || byte == 45 || byte == 46 || byte == 95
        }
        guard allowed, (3...255).contains(name.utf8.count), !name.hasPrefix("."), !name.hasPrefix("-") else {
            throw AWSError(
                .invalidArgument, "bucket \(String(name.prefix(80)).debugDescription)",
                "this is not a bucket's name",
                hint:
                    "a bucket is named by 3 to 63 lower-case letters, digits, dots and hyphens, without s3://"
            )
        }
        return name
    }
}

extension String {
    /// The text with control characters escaped, for messages.
    var visible: String {
        unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
        }.joined()
    }
}
