/// An S3 access point, named by its ARN where a bucket's name is expected
/// (S3 User Guide, "Referencing your access points").
struct AccessPoint: Sendable, Hashable {
    let partition: String
    let region: String
    let account: String
    let name: String

    /// Reads `arn:aws:s3:eu-central-1:123456789012:accesspoint/name`, also with `:` before the name.
    ///
    /// - Throws: `AWSError` (`invalidArgument`) for an ARN of anything else.
    init(arn: String) throws(AWSError) {
        let subject = "S3 address \(String(arn.prefix(160)).visible)"
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "arn", ["aws", "aws-cn", "aws-us-gov"].contains(parts[1]) else {
            throw AWSError(.invalidArgument, subject, "it is not an ARN of an access point")
        }
        guard parts[2] == "s3" else {
            throw AWSError(
                .invalidArgument, subject, "access points of \(parts[2].visible) are not supported",
                hint: "use an access point of S3 itself, or the bucket's name")
        }
        guard !parts[3].isEmpty else {
            throw AWSError(
                .invalidArgument, subject, "multi-region access points are not supported",
                hint: "use one of the buckets behind it, or an access point of one region")
        }
        let resource = parts[5].split(omittingEmptySubsequences: false) { $0 == "/" || $0 == ":" }.map(
            String.init)
        guard resource.count == 2, resource[0] == "accesspoint", Self.isLabel(resource[1]),
            AWSConfiguration.isRegionName(parts[3]),
            parts[4].utf8.count == 12, parts[4].utf8.allSatisfy({ (48...57).contains($0) })
        else { throw AWSError(.invalidArgument, subject, "it is not an ARN of an access point") }
        partition = parts[1]
        region = parts[3]
        account = parts[4]
        name = resource[1]
    }

    /// Where it answers, from where S3 itself answers.
    ///
    /// - Throws: `AWSError` (`invalidArgument`) when it is one of another partition.
    func place(from place: BucketPlace) throws(AWSError) -> BucketPlace {
        var moved = BucketPlace(region: region, endpoint: place.endpoint)
        let label = "\(name)-\(account)"
        guard !place.endpoint.isCustom else {
            moved.endpoint.host = label + "." + place.endpoint.host
            return moved
        }
        let domain = AWSConfiguration.domain(region: region)
        guard AWSConfiguration.partition(region: region) == partition else {
            throw AWSError(
                .invalidArgument, "S3 access point \(name)", "the region \(region) is not in \(partition)")
        }
        let labels = place.endpoint.host.split(separator: ".")
        let fips = labels.first?.hasSuffix("-fips") == true ? "-fips" : ""
        let dualStack = labels.dropFirst().first == "dualstack" ? ".dualstack" : ""
        moved.endpoint.host = "\(label).s3-accesspoint\(fips)\(dualStack).\(region).\(domain)"
        return moved
    }

    private static func isLabel(_ name: String) -> Bool {
        (3...50).contains(name.utf8.count)
            && name.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) || $0 == 45 }
            && !name.hasPrefix("-") && !name.hasSuffix("-")
    }
}
