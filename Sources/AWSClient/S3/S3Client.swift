/// Amazon S3: only what artifacts, caches and logs need.
///
/// Objects are streamed, never held in memory.
package struct S3Client: Sendable {
    let context: ServiceContext
    let addressing: Addressing
    let regions = BucketRegions()
    /// Where uploads in parts are remembered while they are under way, so that what a killed process left is found again.
    package var journal: UploadJournal?

    /// How a bucket enters an address.
    package enum Addressing: String, Sendable, Hashable {
        /// `bucket.s3.region.amazonaws.com` where the bucket's name and the endpoint allow it, else `path`.
        case automatic = "auto"
        /// The bucket is the first part of the path.
        case path
        /// The bucket is a part of the host's name, also at an endpoint of one's own.
        case virtual
    }

    /// A client over a context of `.s3`.
    package init(context: ServiceContext, addressing: Addressing = .automatic) {
        self.context = context
        self.addressing = addressing
    }

    func request(_ method: String, _ bucket: String, key: String?, at place: BucketPlace) -> AWSRequest {
        let path = "/" + (key?.percentEncoded(keepingSlash: true) ?? "")
        var endpoint = place.endpoint
        if bucket.hasPrefix("arn:") { return AWSRequest(method, endpoint, path: path) }
        if usesHostName(bucket, endpoint) {
            endpoint.host = bucket + "." + endpoint.host
            return AWSRequest(method, endpoint, path: path)
        }
        return AWSRequest(method, endpoint, path: "/" + bucket + (key == nil ? "" : path))
    }

    private func usesHostName(_ bucket: String, _ endpoint: ServiceEndpoint) -> Bool {
        switch addressing {
        case .path: return false
        // An address has no names below it.
        case .virtual: return !endpoint.isAddress
        case .automatic:
            // A dotted name would not match the wildcard of the certificate; upper case and _ are no host name.
            let isLabel =
                bucket.utf8.count <= 63
                && bucket.utf8.allSatisfy { byte in
                    (48...57).contains(byte) || (97...122).contains(byte) || byte == 45
                }
            return isLabel && !endpoint.isCustom && !endpoint.isAddress
        }
    }
}

extension AWSSession {
    /// A client of S3, addressing as the profile's `s3` section says.
    ///
    /// - Throws: `AWSError` (`configuration`) when no region or an unusable endpoint is configured.
    package func s3() throws(AWSError) -> S3Client {
        let style = configuration.profile["s3.addressing_style"].flatMap(S3Client.Addressing.init)
        return S3Client(context: try context(.s3), addressing: style ?? .automatic)
    }
}
