package import SystemPackage

extension S3Client {
    /// Fetches an object into an open file, from its present position on.
    ///
    /// The file is the caller's to close and to remove after an error.
    ///
    /// - Throws: `AWSError`
    package func getObject(
        _ location: ObjectLocation, versionID: String? = nil, into file: FileDescriptor
    ) async throws(AWSError) -> ObjectInfo {
        try await getObject(location, versionID: versionID) { bytes throws(AWSError) in
            do {
                _ = try file.writeAll(bytes)
            } catch {
                let errno = error as? Errno
                throw AWSError(
                    .file(FilePath(""), errno), "local copy of \(location)",
                    "could not be written: \(errno.map(String.init(describing:)) ?? "\(error)")")
            }
        }
    }
}
