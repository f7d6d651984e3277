/// Where a bucket is reached: the region to sign for, and the endpoint.
struct BucketPlace: Sendable, Hashable {
    var region: String
    var endpoint: ServiceEndpoint
}

/// Buckets that S3 said are in another region than configured.
actor BucketRegions {
    private var places: [String: BucketPlace] = [:]

    subscript(bucket: String) -> BucketPlace? { places[bucket] }

    func remember(_ bucket: String, _ place: BucketPlace) {
        places[bucket] = place
    }
}

extension S3Client {
    /// Runs `body` with the bucket's place; once more when S3 answers that the bucket is in another region.
    ///
    /// - Throws: `AWSError` of `body`.
    func located<R>(
        _ bucket: String, _ body: (ServiceContext, BucketPlace) async throws(AWSError) -> R
    ) async throws(AWSError) -> R {
        var configured = BucketPlace(region: context.region, endpoint: context.endpoint)
        if bucket.hasPrefix("arn:") { configured = try AccessPoint(arn: bucket).place(from: configured) }
        let place = await regions[bucket] ?? configured
        do throws(AWSError) {
            return try await body(self.context(at: place), place)
        } catch {
            guard let moved = redirected(error, from: place) else { throw error }
            await regions.remember(bucket, moved)
            return try await body(self.context(at: moved), moved)
        }
    }

    private func context(at place: BucketPlace) -> ServiceContext {
        var context = context
        context.region = place.region
        return context
    }

    private func redirected(_ error: AWSError, from place: BucketPlace) -> BucketPlace? {
        guard let failure = error.serviceFailure, let region = failure.bucketRegion, region != place.region,
            AWSConfiguration.isRegionName(region),
            [301, 302, 307].contains(failure.status) || failure.code == "AuthorizationHeaderMalformed"
                || failure.status == 400
        else { return nil }
        var moved = place
        moved.region = region
        if !place.endpoint.isCustom {
            // Only the region changes, so that a FIPS or dual-stack host stays one.
            moved.endpoint.host = place.endpoint.host.replacing(".\(place.region).", with: ".\(region).")
        }
        return moved
    }
}
