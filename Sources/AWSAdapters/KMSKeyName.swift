/// The ARN of a KMS key, in its parts.
///
/// Source: AWS KMS Developer Guide, "Key ARN" and "Multi-Region keys": the id of a multi-Region key begins with `mrk-` and
/// is the same in each Region.
package struct KMSKeyName: Sendable, Hashable {
    /// `aws`, `aws-cn`, `aws-us-gov`, ...
    package var partition: String
    /// Where the key is.
    package var region: String
    /// Whose key it is.
    package var account: String
    /// `key/<id>` or `alias/<name>`.
    package var resource: String

    /// Takes an ARN apart; nil for anything else.
    package init?(arn: String) {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "kms", !parts.contains("") else { return nil }
        guard parts[5].hasPrefix("key/") || parts[5].hasPrefix("alias/") else { return nil }
        (partition, region, account, resource) = (parts[1], parts[3], parts[4], parts[5])
    }

    /// Whether the key has twins in other Regions.
    package var isMultiRegion: Bool { resource.hasPrefix("key/mrk-") }

    /// The same key, or its twin in another Region.
    package func isTwin(of other: KMSKeyName) -> Bool {
        var moved = other
        if isMultiRegion { moved.region = region }
        return self == moved
    }

    /// The ARN.
    package var arn: String { "arn:\(partition):kms:\(region):\(account):\(resource)" }
}
