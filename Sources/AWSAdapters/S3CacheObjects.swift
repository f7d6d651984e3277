package import AWSClient
package import BuildEngine
import Glibc
package import SystemPackage

/// A project's S3 cache (behaviour reference, section 7.2).
package struct S3CacheObjects: CacheObjects {
    private let client: S3Client
    private let plan: SharedCachePlan

    /// A listing longer than this is cut: nobody looks for the newest of so many.
    private static let mostPages = 20

    /// Reaches the place that a plan names.
    package init(client: S3Client, plan: SharedCachePlan) {
        self.client = client
        self.plan = plan
    }

    /// Asks for the object; without the permission to list the bucket, S3 does not tell that there is none.
    package func has(_ key: String) async throws(RunnerFailure) -> Bool {
        do throws(AWSError) {
            return try await client.headObject(try location(key)) != nil
        } catch {
            if error.serviceFailure?.status == 403 { return false }
            throw RunnerFailure("look for the cache \(shown(key))", error)
        }
    }

    /// Lists the objects, as far as 20,000 of them.
    package func newest(beginningWith prefix: String) async throws(RunnerFailure) -> String? {
        var newest: (key: String, time: AWSClient.Timestamp?)?
        var token: String?
        do throws(AWSError) {
            for _ in 0..<Self.mostPages {
                let page = try await client.listObjects(
                    plan.bucket, prefix: full(prefix), continuationToken: token)
                for entry in page.entries where entry.key.hasSuffix(".zip") {
                    if let known = newest?.time, let time = entry.lastModified, time < known { continue }
                    newest = (entry.key, entry.lastModified)
                }
                token = page.continuationToken
                if token == nil { break }
            }
        } catch {
            throw RunnerFailure("look for caches below \(shown(prefix))", error)
        }
        return newest.map { String($0.key.dropFirst(full("").count)) }
    }

    /// Downloads the object.
    package func fetch(_ key: String, to file: FilePath) async throws(RunnerFailure) -> Bool {
        let target: FileDescriptor
        do {
            target = try FileDescriptor.open(
                file, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
        } catch {
            throw RunnerFailure("fetch the cache", error as? Errno ?? .ioError, at: file)
        }
        defer { try? target.close() }
        do throws(AWSError) {
            _ = try await client.getObject(try location(key), into: target)
            return true
        } catch {
            unlink(file.string)
            if error.serviceFailure?.code == "NoSuchKey" { return false }
            throw RunnerFailure("fetch the cache \(shown(key))", error)
        }
    }

    /// Uploads the file, encrypted with the project's key.
    package func store(_ file: FilePath, as key: String) async throws(RunnerFailure) {
        var attributes = ObjectAttributes()
        attributes.encryption = .kms(keyID: plan.encryptionKey)
        attributes.contentType = "application/zip"
        do throws(AWSError) {
            _ = try await client.upload(
                try FileSlice(wholeFile: file), to: try location(key), attributes: attributes)
        } catch {
            throw RunnerFailure("store the cache \(shown(key))", error)
        }
    }

    private func location(_ key: String) throws(AWSError) -> ObjectLocation {
        try ObjectLocation(bucket: plan.bucket, key: full(key))
    }

    private func full(_ key: String) -> String { plan.prefix.isEmpty ? key : "\(plan.prefix)/\(key)" }

    private func shown(_ key: String) -> String { "s3://\(plan.bucket)/\(full(key))" }
}
