/// A bucket or an access point as people and build records name it, and what is below it.
struct BucketAddress: Hashable {
    /// The bucket's bare name, or the ARN of an access point.
    var bucket: String
    /// A key or a prefix; may be empty.
    var path: String

    /// Reads `s3://BUCKET[/PATH]`, where an access point's ARN may stand for the bucket, or the ARN of an object; nil for
    /// anything else.
    init?(_ text: String) {
        let isURL = text.hasPrefix("s3://")
        var rest = isURL ? text.dropFirst(5) : text[...]
        let parts = rest.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        let isARN = parts.count == 6 && parts[0] == "arn" && parts[2] == "s3"
        guard isURL || isARN else { return nil }
        let isAccessPoint = isARN && parts[5].hasPrefix("accesspoint")
        if isARN, !isAccessPoint { rest = parts[5] }
        var end = rest.firstIndex(of: "/") ?? rest.endIndex
        if isAccessPoint, rest[..<end].hasSuffix(":accesspoint"), end != rest.endIndex {
            end = rest[rest.index(after: end)...].firstIndex(of: "/") ?? rest.endIndex
        }
        bucket = String(rest[..<end])
        path = String(rest[end...].dropFirst())
        // So the ARN of an object says where its key begins.
        if isAccessPoint, !isURL, path.hasPrefix("object/") { path.removeFirst(7) }
    }
}
